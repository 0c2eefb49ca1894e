//! Forms of patterns, by syntax alone.

use syn::ext::IdentExt;
use syn::punctuated::Punctuated;
use syn::{Expr, Ident, Lit, Pat, PatIdent, PatStruct, Token};

use crate::scan::peel;

/// What a pattern says about a handle.
pub(super) enum Form<'p> {
    /// A name for all of it.
    Name(&'p PatIdent),
    /// `_`
    Any,
    /// `Some(…)` and `Ok(…)`, and whether the inner pattern is irrefutable.
    Inside(&'p Pat, bool),
    /// Another variant of one field.
    Variant(&'p Pat),
    /// `None`, `Err(…)` (`is_err`), and constants.
    Without {
        is_err: bool,
        all: bool,
    },
    Tuple(&'p Punctuated<Pat, Token![,]>),
    Struct(&'p PatStruct),
    Opaque,
}

pub(super) fn strip(pattern: &Pat) -> &Pat {
    match pattern {
        Pat::Paren(inner) => strip(&inner.pat),
        Pat::Type(inner) => strip(&inner.pat),
        other => other,
    }
}

pub(super) fn form(pattern: &Pat) -> Form<'_> {
    match strip(pattern) {
        Pat::Ident(ident) if is_constant(&ident.ident) && ident.subpat.is_none() => Form::Without {
            is_err: ident.ident == "None",
            all: true,
        },
        Pat::Ident(ident) => Form::Name(ident),
        Pat::Wild(_) | Pat::Rest(_) => Form::Any,
        Pat::Path(path)
            if path
                .path
                .segments
                .last()
                .is_some_and(|last| last.ident == "None") =>
        {
            Form::Without {
                is_err: true,
                all: true,
            }
        }
        Pat::Path(_) | Pat::Lit(_) | Pat::Range(_) | Pat::Const(_) => Form::Without {
            is_err: false,
            all: true,
        },
        Pat::Reference(inner) => form(&inner.pat),
        Pat::TupleStruct(inner) => {
            let last = inner.path.segments.last().map(|last| &last.ident);
            let is =
                |names: &[&str]| last.is_some_and(|last| names.iter().any(|name| last == name));
            match inner.elems.first() {
                Some(only) if inner.elems.len() == 1 && is(&["Some", "Ok", "Ready"]) => {
                    Form::Inside(only, is_irrefutable(only))
                }
                Some(only) if inner.elems.len() == 1 && is(&["Err"]) => Form::Without {
                    is_err: true,
                    all: is_irrefutable(only),
                },
                Some(only) if inner.elems.len() == 1 => Form::Variant(only),
                _ => Form::Opaque,
            }
        }
        Pat::Tuple(inner) => Form::Tuple(&inner.elems),
        Pat::Struct(inner) => Form::Struct(inner),
        Pat::Or(inner) => {
            let mut without = inner.cases.iter().map(form);
            if without.all(|form| matches!(form, Form::Without { .. })) {
                Form::Without {
                    is_err: false,
                    all: true,
                }
            } else {
                Form::Opaque
            }
        }
        _ => Form::Opaque,
    }
}

/// What a pattern says about a `Result`, and whether it matches all of that kind.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Ok {
        all: bool,
    },
    Err {
        all: bool,
    },
    /// `_`, or alternatives of both kinds.
    Either,
    Opaque,
}

pub(super) fn result(pattern: &Pat) -> Outcome {
    if let Pat::Or(inner) = strip(pattern) {
        let cases: Vec<_> = inner.cases.iter().map(result).collect();
        return if cases.iter().all(|case| matches!(case, Outcome::Ok { .. })) {
            Outcome::Ok {
                all: cases.contains(&Outcome::Ok { all: true }),
            }
        } else if cases.iter().all(|case| matches!(case, Outcome::Err { .. })) {
            Outcome::Err {
                all: cases.contains(&Outcome::Err { all: true }),
            }
        } else {
            Outcome::Either
        };
    }
    match form(pattern) {
        Form::Inside(_, all) => Outcome::Ok { all },
        Form::Without { is_err: true, all } => Outcome::Err { all },
        Form::Any => Outcome::Either,
        _ => Outcome::Opaque,
    }
}

/// Whether a failed match means that there is no handle: the pattern is names in `Some` and `Ok`.
pub(super) fn is_carried(pattern: &Pat) -> bool {
    is_irrefutable(pattern) || matches!(form(pattern), Form::Inside(inner, _) if is_carried(inner))
}

/// Whether a pattern always matches.
pub(super) fn is_irrefutable(pattern: &Pat) -> bool {
    match pattern {
        Pat::Ident(ident) => {
            !is_constant(&ident.ident)
                && ident
                    .subpat
                    .as_ref()
                    .is_none_or(|(_, inner)| is_irrefutable(inner))
        }
        Pat::Wild(_) | Pat::Rest(_) => true,
        Pat::Paren(inner) => is_irrefutable(&inner.pat),
        Pat::Type(inner) => is_irrefutable(&inner.pat),
        Pat::Reference(inner) => is_irrefutable(&inner.pat),
        Pat::Tuple(inner) => inner.elems.iter().all(is_irrefutable),
        _ => false,
    }
}

/// Whether a name in a pattern is a constant or a variant, by the convention for names.
pub(super) fn is_constant(name: &Ident) -> bool {
    name.unraw()
        .to_string()
        .chars()
        .next()
        .is_some_and(char::is_uppercase)
}

/// The names that a pattern binds.
pub(super) fn bindings<'p>(pattern: &'p Pat, names: &mut Vec<&'p PatIdent>) {
    match pattern {
        Pat::Guard(inner) => bindings(&inner.pat, names),
        Pat::Ident(inner) => {
            if !is_constant(&inner.ident) || inner.subpat.is_some() || inner.by_ref.is_some() {
                names.push(inner);
            }
            if let Some((_, inner)) = &inner.subpat {
                bindings(inner, names);
            }
        }
        // Each alternative binds the same names.
        Pat::Or(inner) => {
            if let Some(first) = inner.cases.first() {
                bindings(first, names);
            }
        }
        Pat::Paren(inner) => bindings(&inner.pat, names),
        Pat::Reference(inner) => bindings(&inner.pat, names),
        Pat::Slice(inner) => inner.elems.iter().for_each(|elem| bindings(elem, names)),
        Pat::Struct(inner) => inner.fields.iter().for_each(|field| {
            bindings(&field.pat, names);
        }),
        Pat::Tuple(inner) => inner.elems.iter().for_each(|elem| bindings(elem, names)),
        Pat::TupleStruct(inner) => inner.elems.iter().for_each(|elem| bindings(elem, names)),
        Pat::Type(inner) => bindings(&inner.pat, names),
        _ => {}
    }
}

/// The value of an integer literal.
pub(super) fn literal(expr: &Expr) -> Option<usize> {
    match peel(expr) {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Int(number) => number.base10_parse().ok(),
            _ => None,
        },
        _ => None,
    }
}
