//! Patterns: which name takes which handle, and what it means that a pattern does not match.

use syn::ext::IdentExt;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Ident, Pat, PatIdent, Token};

use super::values::Value;
use super::{About, Binding, Event, Loss, Var, Walk};

/// What is matched: it is not moved before a name takes it.
#[derive(Clone, Debug)]
pub(super) enum Subject {
    None,
    Var(Var),
    Ref(Var, bool),
    /// A result that has joined these when it is `Ok`, and whether a pattern has asked it.
    WhenOk(Vec<Var>, bool),
    Tuple(Vec<Value>),
}

// Values of tuples are moved once; a copy of one is only looked at.
impl Clone for Value {
    fn clone(&self) -> Self {
        match self {
            Value::None => Value::None,
            Value::Handles(held) => Value::Handles(*held),
            Value::Tuple(parts) => Value::Tuple(parts.clone()),
            Value::Ref(var, awaits) => Value::Ref(*var, *awaits),
            Value::WhenOk(vars) => Value::WhenOk(vars.clone()),
            Value::Yield(var) => Value::Yield(*var),
            Value::Pending(shape, spawn) => Value::Pending(shape.clone(), spawn.clone()),
            Value::Collection => Value::Collection,
        }
    }
}

type Binds = Vec<(String, Binding)>;

/// What a pattern says about a handle.
enum Form<'p> {
    /// A name for all of it.
    Name(&'p PatIdent),
    /// `_`
    Any,
    /// `Some(…)` and `Ok(…)`
    Inside(&'p Pat, bool),
    /// `None`, `Err(…)`, and constants; the first says that it is one of the former.
    Without { is_err: bool, all: bool },
    /// Several names, or a struct.
    Opaque,
}

impl Walk<'_> {
    /// Binds a pattern that always matches.
    pub(super) fn bind(&mut self, pattern: &Pat, value: Value, owned: bool, binds: &mut Binds) {
        match (strip(pattern), value) {
            (Pat::Tuple(pattern), Value::Tuple(parts)) => {
                self.bind_parts(&pattern.elems, parts, binds);
            }
            (Pat::Slice(pattern), Value::Tuple(parts)) => {
                self.bind_parts(&pattern.elems, parts, binds);
            }
            (Pat::Wild(_), value) => self.discard(value, Loss::Ignored, pattern.span()),
            (Pat::Ident(ident), Value::Handles(held)) if ident.by_ref.is_some() && !held.lazy => {
                // A temporary that is bound by reference lives as long as the name.
                let name = ident.ident.unraw().to_string();
                let kept = self.var(About {
                    name: Some(name.clone()),
                    used: true,
                    ..About::default()
                });
                self.event(Event::Move(held.var, kept));
                binds.push((name, Binding::Ref(kept, ident.mutability.is_some())));
            }
            (Pat::Ident(ident), value)
                if ident.subpat.is_none()
                    && ident.by_ref.is_none()
                    && !is_constant(&ident.ident) =>
            {
                let name = ident.ident.unraw().to_string();
                let mutable = ident.mutability.is_some();
                let binding = self.named(name.clone(), value, owned, mutable);
                binds.push((name, binding));
            }
            (_, value) => {
                let subject = match self.gather(value) {
                    Value::Handles(held) if !held.lazy => Subject::Var(held.var),
                    Value::Ref(var, awaits) => Subject::Ref(var, awaits),
                    value => {
                        self.consume(value);
                        Subject::None
                    }
                };
                // Where it would not match it does not compile.
                let _ = self.test(pattern, subject, binds);
            }
        }
    }

    fn named(&mut self, name: String, value: Value, owned: bool, mutable: bool) -> Binding {
        let value = self.gather(value);
        let owned = owned || matches!(value, Value::Collection);
        let about = About {
            name: Some(name),
            ..About::default()
        };
        match value {
            Value::Handles(held) if !held.lazy => {
                let var = self.var(About {
                    owned: owned || held.owned,
                    optional: held.optional,
                    fresh: held.fresh,
                    ..about
                });
                self.event(Event::Move(held.var, var));
                Binding::Var(var)
            }
            Value::Ref(var, awaits) => Binding::Ref(var, awaits),
            value => {
                self.consume(value);
                if mutable || owned {
                    Binding::Var(self.var(About { owned, ..about }))
                } else {
                    Binding::Other
                }
            }
        }
    }

    /// Binds the parts of a tuple in order; `..` stands for those that nobody takes.
    fn bind_parts(
        &mut self,
        patterns: &Punctuated<Pat, Token![,]>,
        parts: Vec<Value>,
        binds: &mut Binds,
    ) {
        let rest = patterns.iter().position(|pattern| {
            matches!(pattern, Pat::Rest(_))
                || matches!(pattern, Pat::Ident(ident) if ident.subpat.is_some())
        });
        let missing = (parts.len() + 1).saturating_sub(patterns.len());
        let mut parts = parts.into_iter();
        for (index, pattern) in patterns.iter().enumerate() {
            if rest == Some(index) {
                for part in parts.by_ref().take(missing) {
                    if matches!(pattern, Pat::Rest(_)) {
                        self.discard(part, Loss::Ignored, pattern.span());
                    } else {
                        self.consume(part);
                    }
                }
                binds.extend(self.others(pattern));
            } else {
                let part = parts.next().unwrap_or_default();
                self.bind(pattern, part, false, binds);
            }
        }
        parts.for_each(|part| self.consume(part));
    }

    /// Goes on where the pattern matches; returns the end of the path where it does not.
    pub(super) fn test(
        &mut self,
        pattern: &Pat,
        subject: Subject,
        binds: &mut Binds,
    ) -> Option<usize> {
        let mut subject = subject;
        self.test_next(pattern, &mut subject, binds)
    }

    /// As [`test`](Self::test), for the next of several patterns: the subject learns from what has failed.
    pub(super) fn test_next(
        &mut self,
        pattern: &Pat,
        subject: &mut Subject,
        binds: &mut Binds,
    ) -> Option<usize> {
        match subject.clone() {
            Subject::Tuple(parts) => {
                // Which part is taken in which arm is not followed.
                for part in parts {
                    self.consume(part);
                }
                *subject = Subject::None;
                self.test_next(pattern, subject, binds)
            }
            Subject::None => {
                binds.extend(self.others(pattern));
                let failed = (!is_irrefutable(pattern)).then(|| self.fork());
                self.then();
                failed
            }
            Subject::WhenOk(vars, _) => self.test_result(pattern, subject, vars, binds),
            Subject::Var(var) => self.test_handle(pattern, var, None, binds),
            Subject::Ref(var, awaits) => self.test_handle(pattern, var, Some(awaits), binds),
        }
    }

    /// A pattern before a result that has joined these variables when it is `Ok`.
    fn test_result(
        &mut self,
        pattern: &Pat,
        subject: &mut Subject,
        vars: Vec<Var>,
        binds: &mut Binds,
    ) -> Option<usize> {
        let asked = matches!(subject, Subject::WhenOk(_, true));
        binds.extend(self.others(pattern));
        let failed = (!is_irrefutable(pattern)).then(|| self.fork());
        self.then();
        *subject = Subject::WhenOk(vars.clone(), true);
        match result(pattern) {
            // What else an `Ok` can be, the `Err` is still to come.
            Outcome::Ok { all } => {
                vars.into_iter()
                    .for_each(|var| self.event(Event::Join(var)));
                if all {
                    *subject = Subject::None;
                }
            }
            Outcome::Err { all: true } => {
                if let Some(failed) = failed {
                    for var in vars {
                        self.on(failed, Event::Join(var));
                    }
                }
                *subject = Subject::None;
            }
            Outcome::Err { all: false } | Outcome::Either => {}
            // A name for all of it: what becomes of that is not followed.
            Outcome::Opaque if !asked => {
                vars.into_iter()
                    .for_each(|var| self.event(Event::Join(var)));
            }
            Outcome::Opaque => {}
        }
        failed
    }

    /// A pattern before a variable that may hold handles, or before a reference to one.
    fn test_handle(
        &mut self,
        pattern: &Pat,
        var: Var,
        lent: Option<bool>,
        binds: &mut Binds,
    ) -> Option<usize> {
        let failed = (!is_irrefutable(pattern)).then(|| self.fork());
        self.then();
        match form(pattern) {
            Form::Name(name) => self.take(name, var, lent, binds),
            Form::Any => {}
            Form::Inside(inner, _) => {
                if carries(inner)
                    && let Some(failed) = failed
                {
                    self.on(failed, Event::Clear(var));
                }
                // What is inside has its own patterns; that they fail is said above.
                let _ = self.test_handle(inner, var, lent, binds);
            }
            Form::Without { .. } => {
                self.event(Event::Clear(var));
                binds.extend(self.others(pattern));
            }
            Form::Opaque => {
                let mut names = Vec::new();
                bindings(pattern, &mut names);
                match lent {
                    Some(awaits) => {
                        binds.extend(names.iter().map(|name| {
                            (name.ident.unraw().to_string(), Binding::Ref(var, awaits))
                        }))
                    }
                    None => {
                        if !names.is_empty() {
                            self.event(Event::Join(var));
                        }
                        binds.extend(self.others(pattern));
                    }
                }
            }
        }
        failed
    }

    fn take(&mut self, name: &PatIdent, var: Var, lent: Option<bool>, binds: &mut Binds) {
        let text = name.ident.unraw().to_string();
        let binding = match (lent, &name.by_ref) {
            (Some(awaits), _) => Binding::Ref(var, awaits),
            (None, Some(_)) => Binding::Ref(var, name.mutability.is_some()),
            (None, None) => {
                let to = self.var(About {
                    name: Some(text.clone()),
                    owned: self.owns(var),
                    ..About::default()
                });
                self.event(Event::Move(var, to));
                Binding::Var(to)
            }
        };
        binds.push((text, binding));
        if let Some((_, inner)) = &name.subpat {
            binds.extend(self.others(inner));
        }
    }

    /// Binds the names of a pattern to what holds no handle; one that is `mut` can be given a handle later.
    pub(super) fn others(&mut self, pattern: &Pat) -> Binds {
        let mut names = Vec::new();
        bindings(pattern, &mut names);
        names
            .iter()
            .map(|name| {
                let text = name.ident.unraw().to_string();
                let binding = if name.mutability.is_some() && name.by_ref.is_none() {
                    Binding::Var(self.var(About {
                        name: Some(text.clone()),
                        ..About::default()
                    }))
                } else {
                    Binding::Other
                };
                (text, binding)
            })
            .collect()
    }

    pub(super) fn owns(&self, var: Var) -> bool {
        self.flow
            .vars
            .get(var.0 as usize)
            .is_some_and(|about| about.owned)
    }
}

fn strip(pattern: &Pat) -> &Pat {
    match pattern {
        Pat::Paren(inner) => strip(&inner.pat),
        Pat::Type(inner) => strip(&inner.pat),
        other => other,
    }
}

fn form(pattern: &Pat) -> Form<'_> {
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
                _ => Form::Opaque,
            }
        }
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

/// What a pattern says about a result, and whether it takes all results of that kind.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
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

fn result(pattern: &Pat) -> Outcome {
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

/// Whether a pattern fails only where there is no handle: it has nothing but names in `Some` and `Ok`.
fn carries(pattern: &Pat) -> bool {
    is_irrefutable(pattern) || matches!(form(pattern), Form::Inside(inner, _) if carries(inner))
}

/// Whether a pattern matches whatever comes.
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
        // Each alternative binds the same.
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
