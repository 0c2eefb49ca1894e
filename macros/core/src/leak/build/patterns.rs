//! Patterns: which name takes which handle, and what it means that a pattern does not match.

use syn::ext::IdentExt;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Pat, PatIdent, Token};

use super::forms::{
    Form, Outcome, bindings, form, is_carried, is_constant, is_irrefutable, result, strip,
};
use super::values::Value;
use super::{About, Binding, Event, Loss, Var, Walk};

/// What is matched: it is not moved before a name takes it.
#[derive(Clone, Debug)]
pub enum Subject {
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
            Value::WhenNot(vars) => Value::WhenNot(vars.clone()),
            Value::Yield(var) => Value::Yield(*var),
            Value::Pending(shape, spawn) => Value::Pending(shape.clone(), spawn.clone()),
            Value::Collection => Value::Collection,
        }
    }
}

type Binds = Vec<(String, Binding)>;

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
            Value::WhenOk(vars) => {
                let flag = self.var(about);
                self.name_result(flag, &vars, true);
                Binding::Var(flag)
            }
            Value::WhenNot(vars) => {
                let flag = self.var(about);
                self.name_result(flag, &vars, false);
                Binding::Var(flag)
            }
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
        self.consume_all(parts);
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
                self.join_all(vars);
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
            // A name for all of it: what becomes of that is not followed.
            Outcome::Opaque if !asked => self.join_all(vars),
            Outcome::Err { all: false } | Outcome::Either | Outcome::Opaque => {}
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
                if is_carried(inner)
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
                if let Some(awaits) = lent {
                    for name in names {
                        binds.push((name.ident.unraw().to_string(), Binding::Ref(var, awaits)));
                    }
                } else {
                    if !names.is_empty() {
                        self.event(Event::Join(var));
                    }
                    binds.extend(self.others(pattern));
                }
            }
        }
        failed
    }

    fn take(&mut self, name: &PatIdent, var: Var, lent: Option<bool>, binds: &mut Binds) {
        let text = name.ident.unraw().to_string();
        let binding = match (lent, &name.by_ref) {
            (Some(awaits), _) => Binding::Ref(var, awaits),
            (None, Some(_)) => {
                if name.mutability.is_some() {
                    self.unsure(var);
                }
                Binding::Ref(var, name.mutability.is_some())
            }
            (None, None) => {
                let to = self.var(About {
                    name: Some(text.clone()),
                    owned: self.owns(var),
                    ..About::default()
                });
                self.event(Event::Move(var, to));
                self.take_in(var);
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
