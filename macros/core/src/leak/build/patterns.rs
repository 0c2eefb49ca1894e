//! Patterns: which name takes which handle, and what a failed match means.
//!
//! A binding joins nothing. The fields of a tuple are followed; where several names of another pattern could have the
//! handle, they share one variable, and using any of them joins it.

use syn::ext::IdentExt;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Pat, PatIdent, Token};

use super::forms::{
    Form, Outcome, bindings, form, is_carried, is_constant, is_irrefutable, result, strip,
};
use super::values::{Completion, Value};
use super::{Access, Binding, CfgBuilder, Event, LeakKind, Var, VarInfo};

/// What is matched: it stays where it is until a name takes it.
#[derive(Clone, Debug)]
pub(super) enum Subject {
    None,
    Handle(Handle),
    /// A `Result` that has completed these if it is `Ok`, and whether a pattern has asked it.
    WhenOk(Vec<Completion>, bool),
    /// The output of `select(&mut a, &mut b)`: what either side has completed.
    Raced(Vec<Vec<Completion>>),
}

/// A variable that may hold handles, or a reference to one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Handle {
    var: Var,
    lent: Option<Access>,
    /// Whether it is what is in an `Option` or a variant.
    inner: bool,
}

impl Handle {
    pub(super) fn of(var: Var) -> Self {
        Self {
            var,
            lent: None,
            inner: false,
        }
    }

    pub(super) fn lent(var: Var, access: Access) -> Self {
        Self {
            lent: Some(access),
            ..Self::of(var)
        }
    }

    pub(super) fn inside(self) -> Self {
        Self {
            inner: true,
            ..self
        }
    }
}

impl Subject {
    pub(super) fn var(var: Var) -> Self {
        Self::Handle(Handle::of(var))
    }

    pub(super) fn lent(var: Var, access: Access) -> Self {
        Self::Handle(Handle::lent(var, access))
    }

    /// What a name stands for that only looks at it.
    pub(super) fn looked_at(&self) -> Option<Binding> {
        match self {
            Self::Handle(handle) => Some(Binding::Ref(handle.var, Access::Look)),
            _ => None,
        }
    }
}

pub(super) type Binds = Vec<(String, Binding)>;

impl CfgBuilder<'_> {
    /// Binds an irrefutable pattern.
    pub(super) fn bind(&mut self, pattern: &Pat, value: Value, binds: &mut Binds) {
        match (strip(pattern), value) {
            (Pat::Tuple(pattern), Value::Tuple(parts)) => {
                self.bind_parts(&pattern.elems, parts, binds);
            }
            (Pat::Slice(pattern), Value::List(parts)) => {
                self.bind_parts(&pattern.elems, parts, binds);
            }
            (Pat::Wild(_), value) => {
                let value = self.keep_unused(value);
                self.discard(value, LeakKind::Ignored, pattern.span());
            }
            (Pat::Ident(ident), Value::Handles(held))
                if ident.by_ref.is_some() && !held.lazy && !held.stored =>
            {
                // A temporary that is bound by reference lives as long as the name.
                let name = ident.ident.unraw().to_string();
                let kept = self.var(VarInfo {
                    name: Some(name.clone()),
                    used: true,
                    ..VarInfo::default()
                });
                self.event(Event::Move(held.var, kept));
                let access = Access::Await.behind(ident.mutability.is_some());
                binds.push((name, Binding::Ref(kept, access)));
            }
            (Pat::Ident(ident), value)
                if ident.subpat.is_none()
                    && ident.by_ref.is_none()
                    && !is_constant(&ident.ident) =>
            {
                let name = ident.ident.unraw().to_string();
                let binding = self.named(name.clone(), value, ident.mutability.is_some());
                binds.push((name, binding));
            }
            (Pat::Struct(pattern), Value::Handles(held)) if held.stored => {
                self.take_fields(pattern, held.var, binds);
                if let Some(rest) = &pattern.rest {
                    self.event(Event::Expose(held.var));
                    self.drop_var(held.var, LeakKind::Ignored, rest.span());
                }
            }
            (_, value) => {
                let subject = match self.gather(value) {
                    Value::Handles(held) if !held.lazy => Subject::var(held.var),
                    Value::Ref(var, access) => Subject::lent(var, access),
                    value => {
                        self.consume(value);
                        Subject::None
                    }
                };
                // It always matches, or it does not compile.
                let _ = self.test(pattern, subject, binds);
            }
        }
    }

    fn is_struct(&self, var: Var) -> bool {
        self.info(var).is_some_and(|info| info.stored)
    }

    fn named(&mut self, name: String, value: Value, mutable: bool) -> Binding {
        let mut info = VarInfo {
            name: Some(name),
            tuple: self.has_tuples(&value),
            ..VarInfo::default()
        };
        match self.gather(value) {
            Value::Handles(held) if held.stored => {
                info.stored = true;
                let var = self.var(info);
                self.event(Event::Move(held.var, var));
                Binding::Struct(var)
            }
            Value::Handles(held) if !held.lazy => {
                info.many = held.many.filter(|_| held.future.is_none());
                info.optional = held.optional;
                info.fresh = held.fresh;
                info.item_of = self.info(held.var).and_then(|info| info.item_of);
                let var = self.var(info);
                self.event(Event::Move(held.var, var));
                Binding::Var(var)
            }
            Value::Ref(var, access) => Binding::Ref(var, access),
            Value::Yield(yielded) => {
                let var = self.park();
                self.event(Event::Move(yielded, var));
                Binding::Yield(var)
            }
            Value::Collection(many) => {
                info.many = Some(many);
                Binding::Var(self.var(info))
            }
            Value::WhenOk(all) if !mutable => {
                self.results.push(all);
                Binding::Result(self.results.len() - 1)
            }
            value => {
                self.consume(value);
                if mutable {
                    Binding::Var(self.var(info))
                } else {
                    Binding::Other
                }
            }
        }
    }

    /// Binds the fields of a tuple literal; `..` drops those that it stands for.
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
                        self.discard(part, LeakKind::Ignored, pattern.span());
                    } else {
                        self.consume(part);
                    }
                }
                binds.extend(self.others(pattern));
            } else {
                let part = parts.next().unwrap_or_default();
                self.bind(pattern, part, binds);
            }
        }
        self.consume_all(parts);
    }

    /// Goes on where the pattern matches; returns the end of the path where it does not.
    pub(super) fn test(
        &mut self,
        pattern: &Pat,
        mut subject: Subject,
        binds: &mut Binds,
    ) -> Option<usize> {
        self.test_next(pattern, &mut subject, binds)
    }

    /// As [`test`](Self::test), for the next of several patterns: a failed match narrows the subject.
    pub(super) fn test_next(
        &mut self,
        pattern: &Pat,
        subject: &mut Subject,
        binds: &mut Binds,
    ) -> Option<usize> {
        match subject.clone() {
            Subject::None => {
                binds.extend(self.others(pattern));
                let failed = (!is_irrefutable(pattern)).then(|| self.fork());
                self.then();
                failed
            }
            Subject::WhenOk(all, asked) => self.test_result(pattern, subject, &all, asked, binds),
            Subject::Raced(sides) => {
                let failed = (!is_irrefutable(pattern)).then(|| self.fork());
                self.then();
                binds.extend(self.others(pattern));
                let side = side(pattern).filter(|side| *side < sides.len());
                for (index, completed) in sides.iter().enumerate() {
                    match failed {
                        _ if side == Some(index) => self.complete_all(completed),
                        Some(failed) if side.is_some() => self.complete_on(failed, completed),
                        _ => {}
                    }
                }
                match side {
                    Some(_) => *subject = Subject::None,
                    None => self.either_side(&sides),
                }
                failed
            }
            Subject::Handle(handle) => self.test_handle(pattern, handle, binds),
        }
    }

    /// A pattern for a `Result` that has completed these if it is `Ok`.
    fn test_result(
        &mut self,
        pattern: &Pat,
        subject: &mut Subject,
        all: &[Completion],
        asked: bool,
        binds: &mut Binds,
    ) -> Option<usize> {
        let failed = (!is_irrefutable(pattern)).then(|| self.fork());
        self.then();
        *subject = Subject::WhenOk(all.to_vec(), true);
        match result(pattern) {
            Outcome::Ok { all: exhaustive } => {
                let mut items = Vec::new();
                for completion in all {
                    items.extend(self.complete(*completion));
                }
                if exhaustive {
                    *subject = Subject::None;
                }
                // `Ok(None)` says that the collection is empty.
                if let ([item], Form::Inside(inner, _)) = (&*items, form(pattern)) {
                    let _ = self.test_handle(inner, Handle::of(*item), binds);
                    return failed;
                }
            }
            Outcome::Err { all: true } => {
                if let Some(failed) = failed {
                    self.complete_on(failed, all);
                }
                *subject = Subject::None;
            }
            // A name for all of it is not followed (J5).
            Outcome::Opaque if !asked => self.complete_all(all),
            Outcome::Err { all: false } | Outcome::Either | Outcome::Opaque => {}
        }
        binds.extend(self.others(pattern));
        failed
    }

    /// A pattern for a variable that may hold handles, or for a reference to one.
    pub(super) fn test_handle(
        &mut self,
        pattern: &Pat,
        handle: Handle,
        binds: &mut Binds,
    ) -> Option<usize> {
        let failed = (!is_irrefutable(pattern)).then(|| self.fork());
        self.then();
        let Handle { var, lent, inner } = handle;
        match form(pattern) {
            Form::Name(name) => self.take(name, handle, binds),
            Form::Any => {}
            Form::Inside(inside, _) => {
                if is_carried(inside)
                    && let Some(failed) = failed
                {
                    self.clear(failed, var, inner);
                }
                // A failed match of the inner pattern is one of the outer pattern.
                let _ = self.test_handle(inside, handle.inside(), binds);
            }
            Form::Without { is_err, .. } => {
                self.clear(self.at, var, inner || !is_err);
                binds.extend(self.others(pattern));
            }
            Form::Variant(inside) => {
                let _ = self.test_handle(inside, handle.inside(), binds);
            }
            Form::Tuple(fields) if lent.is_none() => {
                if let Some(failed) = failed {
                    self.clear_field(failed, fields, var);
                }
                self.take_tuple(fields, var, binds);
            }
            Form::Struct(pattern) if lent.is_none() && self.is_struct(var) => {
                self.take_fields(pattern, var, binds);
            }
            Form::Tuple(_) | Form::Struct(_) | Form::Opaque => {
                self.share(pattern, var, lent, binds);
            }
        }
        failed
    }

    /// The names of a pattern share what is matched.
    fn share(&mut self, pattern: &Pat, var: Var, lent: Option<Access>, binds: &mut Binds) {
        let mut names = Vec::new();
        bindings(pattern, &mut names);
        let moves = names.iter().any(|name| name.by_ref.is_none());
        let binding = match lent {
            Some(access) => Binding::Ref(var, access),
            None if names.is_empty() => return,
            None if !moves => Binding::Ref(var, Access::Look),
            None => {
                let to = self.var(VarInfo {
                    name: names.first().map(|name| name.ident.unraw().to_string()),
                    many: self.many(var),
                    of: Some(var),
                    ..VarInfo::default()
                });
                self.event(Event::Move(var, to));
                self.take_in(var);
                Binding::Var(to)
            }
        };
        for name in names {
            binds.push((name.ident.unraw().to_string(), binding));
        }
    }

    fn take(&mut self, name: &PatIdent, handle: Handle, binds: &mut Binds) {
        let Handle { var, lent, inner } = handle;
        let text = name.ident.unraw().to_string();
        let binding = match (lent, &name.by_ref) {
            (Some(access), _) => Binding::Ref(var, access),
            (None, Some(_)) => Binding::Ref(var, Access::Await.behind(name.mutability.is_some())),
            (None, None) => {
                let info = self.info(var).cloned().unwrap_or_default();
                let to = self.var(VarInfo {
                    name: Some(text.clone()),
                    many: info.many,
                    optional: info.optional && !inner,
                    item_of: info.item_of.filter(|_| !inner),
                    ..VarInfo::default()
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

    /// Binds the names of a pattern to things without handles. A `mut` name can get a handle later.
    pub(super) fn others(&mut self, pattern: &Pat) -> Binds {
        let mut names = Vec::new();
        bindings(pattern, &mut names);
        names
            .iter()
            .map(|name| {
                let text = name.ident.unraw().to_string();
                let binding = if name.mutability.is_some() && name.by_ref.is_none() {
                    Binding::Var(self.var(VarInfo {
                        name: Some(text.clone()),
                        ..VarInfo::default()
                    }))
                } else {
                    Binding::Other
                };
                (text, binding)
            })
            .collect()
    }
}

/// The side of an `Either` that a pattern matches.
fn side(pattern: &Pat) -> Option<usize> {
    let Pat::TupleStruct(pattern) = strip(pattern) else {
        return None;
    };
    match &*pattern.path.segments.last()?.ident.to_string() {
        "Left" => Some(0),
        "Right" => Some(1),
        _ => None,
    }
}
