//! The one definition of discarded: what becomes of a value, by the position that it stands in.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::peel;
use proc_macro2::{Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::visit_mut::{self, VisitMut};
use syn::{Expr, ExprStruct, Ident, Member, Pat, Stmt};

/// What becomes of the value of an expression.
#[derive(Clone, Debug)]
pub enum Fate {
    /// Something takes it, or the function returns it.
    Used,
    /// Nothing can observe it.
    Dropped {
        /// Whether a value of another type could stand there.
        unit: bool,
        /// The `_name` that it is bound to, where nothing mentions that.
        name: Option<Rc<str>>,
    },
    /// It is matched against these patterns; what none of them binds is dropped.
    Matched(Rc<Vec<Pat>>),
}

impl Fate {
    /// Dropped in a place that has a type.
    pub const TYPED: Self = Self::Dropped {
        unit: false,
        name: None,
    };

    /// Dropped in a place that has no type.
    pub const UNIT: Self = Self::Dropped {
        unit: true,
        name: None,
    };

    /// Matched against patterns in which every name that nothing mentions is a wildcard.
    pub fn matched(patterns: Vec<Pat>) -> Self {
        if patterns.iter().all(drops) {
            Self::TYPED
        } else {
            Self::Matched(Rc::new(patterns))
        }
    }

    /// The same in a place that has a type.
    pub fn typed(&self) -> Self {
        match self {
            Self::Dropped { name, .. } => Self::Dropped {
                unit: false,
                name: name.clone(),
            },
            fate => fate.clone(),
        }
    }

    /// What becomes of a part of the value: of an element, a field, what a reference refers to.
    fn part(&self, part: impl Fn(&Pat) -> Option<Pat>) -> Self {
        match self {
            Self::Used => Self::Used,
            Self::Dropped { .. } => Self::TYPED,
            Self::Matched(patterns) => {
                let mut parts = Vec::new();
                for pattern in alternatives(patterns) {
                    match pattern {
                        pattern if drops(pattern) => parts.push(wildcard()),
                        pattern => match part(pattern) {
                            Some(part) => parts.push(part),
                            None => return Self::Used,
                        },
                    }
                }
                Self::matched(parts)
            }
        }
    }

    /// Of the element `index` of `count` in a tuple or an array.
    pub fn element(&self, index: usize, count: usize) -> Self {
        self.part(|pattern| {
            let elems = match pattern {
                Pat::Tuple(tuple) => &tuple.elems,
                Pat::Slice(slice) => &slice.elems,
                _ => return None,
            };
            let rest = elems.iter().position(is_rest);
            let element = match rest {
                Some(rest) if index >= rest => {
                    let behind = elems.len() - rest - 1;
                    match (index + behind).checked_sub(count) {
                        Some(place) => elems.get(rest + 1 + place),
                        // `rest @ ..` keeps the elements that it stands for.
                        None => return matches!(elems[rest], Pat::Rest(_)).then(wildcard),
                    }
                }
                _ => elems.get(index),
            };
            element.cloned()
        })
    }

    /// Of the argument of `Some(…)`, `Ok(…)` or `Err(…)`.
    pub fn inside(&self, constructor: &Ident) -> Self {
        self.part(|pattern| match pattern {
            Pat::TupleStruct(pattern) if pattern.elems.len() == 1 => {
                let name = &pattern.path.segments.last()?.ident;
                if name == constructor {
                    return pattern.elems.first().cloned();
                }
                // It does not match.
                is_known_variant(name).then(wildcard)
            }
            Pat::Ident(binding) if is_known_variant(&binding.ident) => Some(wildcard()),
            Pat::Path(path) if is_known_variant(&path.path.segments.last()?.ident) => {
                Some(wildcard())
            }
            _ => None,
        })
    }

    /// Of what `map` puts into an `Option`, a `Result` or a collection.
    pub fn content(&self) -> Self {
        let name = |name| Ident::new(name, Span::call_site());
        match self {
            Self::Used => Self::Used,
            Self::Dropped { .. } => Self::TYPED,
            Self::Matched(_) => match (self.inside(&name("Some")), self.inside(&name("Ok"))) {
                (Self::Dropped { .. }, other) | (other, Self::Dropped { .. }) => other,
                _ => Self::Used,
            },
        }
    }

    /// Of an `Option` or a `Result` whose content is taken by `unwrap` or `?`. An `Err` goes elsewhere.
    pub fn unwrapped(&self) -> Self {
        let inner = match self {
            Self::Used => return Self::Used,
            Self::Dropped { .. } => vec![wildcard()],
            Self::Matched(patterns) => patterns.to_vec(),
        };
        let around = |inner: &Pat, mut outer: Pat| {
            if let Pat::TupleStruct(outer) = &mut outer {
                outer.elems[0] = inner.clone();
            }
            outer
        };
        let mut patterns = vec![syn::parse_quote!(Err(error))];
        for pattern in alternatives(&inner) {
            patterns.push(around(pattern, syn::parse_quote!(Ok(_))));
            patterns.push(around(pattern, syn::parse_quote!(Some(_))));
        }
        Self::matched(patterns)
    }

    /// Of a field of a struct literal. A struct that is dropped whole may have a destructor, which has the field.
    pub fn field(&self, literal: &ExprStruct, member: &Member) -> Self {
        let Self::Matched(_) = self else {
            return Self::Used;
        };
        self.part(|pattern| match pattern {
            Pat::Struct(pattern)
                if pattern.path.segments.last().map(|last| &last.ident)
                    == literal.path.segments.last().map(|last| &last.ident) =>
            {
                let field = pattern.fields.iter().find(|field| field.member == *member);
                match field {
                    Some(field) => Some((*field.pat).clone()),
                    None => pattern.rest.is_some().then(wildcard),
                }
            }
            _ => None,
        })
    }

    /// Of what a reference refers to.
    pub fn referent(&self) -> Self {
        self.part(|pattern| match pattern {
            Pat::Reference(pattern) => Some((*pattern.pat).clone()),
            _ => None,
        })
    }
}

fn wildcard() -> Pat {
    syn::parse_quote!(_)
}

fn is_rest(pattern: &Pat) -> bool {
    match pattern {
        Pat::Rest(_) => true,
        Pat::Ident(binding) => binding
            .subpat
            .as_ref()
            .is_some_and(|(_, inner)| is_rest(inner)),
        _ => false,
    }
}

fn is_known_variant(name: &Ident) -> bool {
    ["Some", "None", "Ok", "Err"]
        .iter()
        .any(|known| name == known)
}

/// The patterns without parentheses, types, guards and `|`.
fn alternatives(patterns: &[Pat]) -> Vec<&Pat> {
    let mut found = Vec::new();
    let mut stack: Vec<&Pat> = patterns.iter().rev().collect();
    while let Some(pattern) = stack.pop() {
        match pattern {
            Pat::Paren(pattern) => stack.push(&pattern.pat),
            Pat::Type(pattern) => stack.push(&pattern.pat),
            Pat::Or(pattern) => stack.extend(pattern.cases.iter().rev()),
            Pat::Guard(pattern) => stack.push(&pattern.pat),
            pattern => found.push(pattern),
        }
    }
    found
}

/// Whether a pattern binds nothing of what it matches.
pub fn drops(pattern: &Pat) -> bool {
    match pattern {
        Pat::Wild(_) | Pat::Rest(_) => true,
        Pat::Paren(pattern) => drops(&pattern.pat),
        Pat::Type(pattern) => drops(&pattern.pat),
        Pat::Reference(pattern) => drops(&pattern.pat),
        Pat::Or(pattern) => pattern.cases.iter().all(drops),
        Pat::Guard(pattern) => drops(&pattern.pat),
        // A constant, a range and the like look at the value, and a handle has none of these patterns.
        Pat::Const(_)
        | Pat::Ident(_)
        | Pat::Lit(_)
        | Pat::Macro(_)
        | Pat::Path(_)
        | Pat::Range(_)
        | Pat::Slice(_)
        | Pat::Struct(_)
        | Pat::Tuple(_)
        | Pat::TupleStruct(_)
        | Pat::Verbatim(_)
        | _ => false,
    }
}

/// A pattern in which each `_name` that nothing mentions is a wildcard.
pub fn without_unused(pattern: &Pat, mentions: &mut dyn FnMut(&str) -> bool) -> Pat {
    struct Unused<'a>(&'a mut dyn FnMut(&str) -> bool);
    impl VisitMut for Unused<'_> {
        fn visit_pat_mut(&mut self, pattern: &mut Pat) {
            if let Pat::Ident(binding) = pattern
                && binding.subpat.is_none()
            {
                let name = binding.ident.unraw().to_string();
                if name.starts_with('_') && !(self.0)(&name) {
                    *pattern = wildcard();
                }
                return;
            }
            visit_mut::visit_pat_mut(self, pattern);
        }
        fn visit_expr_mut(&mut self, _: &mut Expr) {}
    }
    let mut pattern = pattern.clone();
    Unused(mentions).visit_pat_mut(&mut pattern);
    pattern
}

/// The left side of an assignment as the pattern that it is, if it drops a part of the value.
pub fn assigned(left: &Expr) -> Option<Pat> {
    let span = Span::call_site();
    Some(match peel(left) {
        Expr::Infer(_) => syn::parse_quote_spanned!(span=> _),
        Expr::Tuple(tuple) => {
            let elems = tuple.elems.iter().map(assigned_part);
            syn::parse_quote_spanned!(span=> (#(#elems,)*))
        }
        Expr::Array(array) => {
            let elems = array.elems.iter().map(assigned_part);
            syn::parse_quote_spanned!(span=> [#(#elems),*])
        }
        Expr::Call(call) => {
            let Expr::Path(path) = peel(&call.func) else {
                return None;
            };
            let elems = call.args.iter().map(assigned_part);
            syn::parse_quote_spanned!(span=> #path(#(#elems),*))
        }
        _ => return None,
    })
}

/// A place that is assigned to is a name for the part that it takes.
fn assigned_part(left: &Expr) -> Pat {
    match peel(left) {
        Expr::Range(range) if range.start.is_none() && range.end.is_none() => syn::parse_quote!(..),
        left => assigned(left).unwrap_or_else(|| syn::parse_quote!(assigned)),
    }
}

/// The statements of a block after one of them.
pub struct After<'a> {
    pub stmts: &'a [Stmt],
    /// The place of the first of them in the block.
    pub begin: usize,
    /// What is known of the block, once it was asked.
    pub mentions: &'a mut Option<Mentions>,
}

/// Where the statements of a block mention a name that begins with `_`, and where they bind it anew.
pub struct Mentions(HashMap<String, Vec<(usize, Mention)>>);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mention {
    Uses,
    Binds,
}

impl After<'_> {
    /// Whether they mention a name before they bind it anew.
    pub fn mentions(&mut self, name: &str) -> bool {
        let (stmts, begin) = (self.stmts, self.begin);
        // One pass for all names of the block; earlier statements are not asked about any more.
        let Mentions(all) = self
            .mentions
            .get_or_insert_with(|| Mentions::of(stmts, begin));
        let Some(places) = all.get(name) else {
            return false;
        };
        let first = places.partition_point(|(place, _)| *place < begin);
        matches!(places.get(first), Some((_, Mention::Uses)))
    }
}

impl Mentions {
    fn of(stmts: &[Stmt], begin: usize) -> Self {
        let mut all: HashMap<String, Vec<(usize, Mention)>> = HashMap::new();
        for (place, stmt) in (begin..).zip(stmts) {
            let mut found = HashSet::new();
            let mut again = None;
            if let Stmt::Local(local) = stmt
                && let Pat::Ident(binding) = &local.pat
                && binding.by_ref.is_none()
                && binding.subpat.is_none()
            {
                let name = binding.ident.unraw().to_string();
                let mut used = HashSet::new();
                if let Some(init) = &local.init {
                    hidden_names(init.expr.to_token_stream(), &mut used);
                }
                if !used.contains(&name) {
                    again = Some(name);
                }
            }
            hidden_names(stmt.to_token_stream(), &mut found);
            if let Some(name) = again {
                found.remove(&name);
                // Under a `cfg` this binding may not exist.
                if matches!(stmt, Stmt::Local(local) if local.attrs.is_empty()) {
                    all.entry(name).or_default().push((place, Mention::Binds));
                }
            }
            for name in found {
                all.entry(name).or_default().push((place, Mention::Uses));
            }
        }
        Self(all)
    }
}

/// The names that begin with `_` in tokens, also in format strings.
pub fn hidden_names(tokens: TokenStream, found: &mut HashSet<String>) {
    for token in tokens {
        match token {
            TokenTree::Ident(ident) => {
                let name = ident.unraw().to_string();
                if name.starts_with('_') {
                    found.insert(name);
                }
            }
            TokenTree::Group(group) => hidden_names(group.stream(), found),
            TokenTree::Literal(literal) => {
                let literal = literal.to_string();
                if literal.contains('"') {
                    for part in literal.split("{_").skip(1) {
                        let end = part
                            .find(|c: char| c != '_' && !c.is_alphanumeric())
                            .unwrap_or(part.len());
                        found.insert(format!("_{}", &part[..end]));
                    }
                }
            }
            TokenTree::Punct(_) => {}
        }
    }
}

/// Whether tokens contain a name, be it in a format string.
pub fn has_name(tokens: TokenStream, name: &Ident) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == *name,
        TokenTree::Group(group) => has_name(group.stream(), name),
        TokenTree::Literal(literal) => {
            let literal = literal.to_string();
            literal.contains('"') && literal.contains(&format!("{{{name}"))
        }
        TokenTree::Punct(_) => false,
    })
}
