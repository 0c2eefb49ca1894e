//! Calls of functions.

use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Expr, ExprCall, Path};

use super::tables::{ADAPTING, Function, collection};
use super::values::{All, Completion, Held, Value};
use super::{Access, Binding, CfgBuilder, End, Event, LeakKind, Many, Var};
use crate::scan::peel;

impl CfgBuilder<'_> {
    pub(super) fn call(&mut self, call: &ExprCall) -> Value {
        let Expr::Path(callee) = peel(&call.func) else {
            let callee = self.value(&call.func);
            return self.call_value(callee, call);
        };
        let path = &callee.path;
        match self.local(path) {
            Some(Binding::Yield(var)) => return self.call_value(Value::Yield(var), call),
            Some(_) => {
                self.used(&call.func);
                return self.unknown(call);
            }
            None => {}
        }
        if let Some(value) = self.known(path).and_then(|known| self.invoke(known, call)) {
            return value;
        }
        if wraps(path) {
            let mut args: Vec<_> = call.args.iter().map(|arg| self.value(arg)).collect();
            if let (Some(value), true) = (args.pop(), args.is_empty()) {
                return self.wrapped(value, path);
            }
            self.consume_all(args);
            return Value::None;
        }
        if let [.., of, method] = &*super::segments(path)
            && (of == "FutureExt" || of == "TryFutureExt")
            && ADAPTING.contains(method)
            && let Some(future) = call.args.first()
        {
            let future = self.value(future);
            for arg in call.args.iter().skip(1) {
                self.used(arg);
            }
            return future;
        }
        if let [.., module, function] = &*super::segments(path)
            && let ("iter", "repeat_with") | ("array", "from_fn") = (&**module, &**function)
        {
            let args: Vec<_> = call.args.iter().map(|arg| self.value(arg)).collect();
            if let [Value::Yield(var)] = *args {
                let held = Held {
                    lazy: true,
                    fresh: true,
                    ..Held::of(var)
                };
                let eager = module == "array";
                return Value::Handles(if eager { self.created(held) } else { held });
            }
            self.consume_all(args);
            return Value::None;
        }
        let resolved = self.resolver.resolve(path);
        if let Some(returned) = self.tracked.call(path, resolved.as_deref()) {
            self.unknown(call);
            let (start, end) = ends_of(&call.func);
            let spawn = self.spawn(start, end, None);
            return self.returned(returned, spawn);
        }
        let value = self.unknown(call);
        made_collection(path).map_or(value, Value::Collection)
    }

    /// A call of a value: a closure that returns handles creates them in each call.
    fn call_value(&mut self, callee: Value, call: &ExprCall) -> Value {
        self.unknown(call);
        match callee {
            Value::Yield(var) => {
                let to = self.temp();
                self.event(Event::Copy(var, to));
                Value::Handles(Held {
                    fresh: true,
                    ..Held::of(to)
                })
            }
            callee => {
                self.consume(callee);
                Value::None
            }
        }
    }

    /// The arguments are evaluated in order and passed on.
    fn unknown(&mut self, call: &ExprCall) -> Value {
        let args: Vec<_> = call.args.iter().map(|arg| self.value(arg)).collect();
        self.consume_all(args);
        Value::None
    }

    /// A call of a function with a meaning of its own; `None` if it has other arguments than that.
    fn invoke(&mut self, known: Function, call: &ExprCall) -> Option<Value> {
        let args: Vec<&Expr> = call.args.iter().collect();
        match (known, &*args) {
            (Function::Drop | Function::Forget, [arg]) => {
                let kind = if known == Function::Drop {
                    LeakKind::Dropped
                } else {
                    LeakKind::Forgotten
                };
                let value = self.value(arg);
                self.discard(value, kind, call.func.span());
                Some(Value::None)
            }
            (Function::Replace, [place, value]) => {
                let place = self.value(place);
                let value = self.value(value);
                Some(self.replace(place, value))
            }
            (Function::Take, [place]) => {
                let place = self.value(place);
                Some(self.replace(place, Value::None))
            }
            (Function::Swap, [one, other]) => match (self.value(one), self.value(other)) {
                (Value::Ref(one, Access::Await), Value::Ref(other, Access::Await)) => {
                    let between = self.moved(one);
                    self.event(Event::Move(other, one));
                    self.event(Event::Move(between, other));
                    Some(Value::None)
                }
                (one, other) => {
                    self.consume_all([one, other]);
                    Some(Value::None)
                }
            },
            (Function::Timeout, [time, future]) => {
                self.used(time);
                let value = self.value(future);
                Some(self.timeout(value, future.span()))
            }
            (Function::JoinAll, [all]) => Some(self.all(all, All::Join)),
            (Function::TryJoinAll, [all]) => Some(self.all(all, All::TryJoin)),
            (Function::TryJoin, args) => Some(self.try_join(args)),
            (Function::SelectAll, [all]) => Some(self.all(all, All::Select(2))),
            (Function::SelectOk, [all]) => Some(self.all(all, All::Select(1))),
            (Function::Select, [one, other]) => {
                Some(Value::Race(vec![self.value(one), self.value(other)]))
            }
            (Function::Never, args) if !args.is_empty() || known_to_exit(call) => {
                self.unknown(call);
                self.dead();
                Some(Value::None)
            }
            _ => None,
        }
    }

    /// Moves the content of a place out, and another value in.
    pub(super) fn replace(&mut self, place: Value, value: Value) -> Value {
        match place {
            Value::Ref(var, Access::Await) => {
                let old = self.moved(var);
                self.store(value, var);
                let info = &self.cfg.vars[var.0 as usize];
                let (many, optional) = (info.many, info.optional);
                self.cfg.vars[old.0 as usize].many = many;
                Value::Handles(Held {
                    optional,
                    many,
                    ..Held::of(old)
                })
            }
            place => {
                self.consume_all([place, value]);
                Value::None
            }
        }
    }

    /// A handle that is passed to `timeout` is dropped when the time is up; one that is lent has completed if it is not.
    fn timeout(&mut self, value: Value, span: Span) -> Value {
        match value {
            Value::Handles(held) if self.info(held.var).is_some_and(|i| i.item_of.is_some()) => {
                self.put_back(held)
                    .map_or(Value::None, |completion| Value::WhenOk(vec![completion]))
            }
            Value::Handles(held) if !held.lazy && !held.stored => {
                self.lose(held, LeakKind::Timeout, span);
                Value::None
            }
            Value::Race(parts) => {
                for part in parts {
                    self.timeout(part, span);
                }
                Value::None
            }
            Value::Ref(var, access) => {
                let completion = self.borrow(var, access);
                Value::WhenOk(completion.into_iter().collect())
            }
            value => {
                self.consume(value);
                Value::None
            }
        }
    }

    /// Lends what a reference refers to; returns what its completion completes.
    pub(super) fn borrow(&mut self, var: Var, access: Access) -> Option<Completion> {
        match access {
            Access::Look => None,
            Access::Item if self.many(var).is_some() => Some(Completion::ItemOf(var)),
            Access::Await | Access::Item | Access::Iter => {
                self.lend(var);
                Some(Completion::Of(var))
            }
        }
    }

    /// `set.next()` that may not be the first to complete: the item is still in the set.
    pub(super) fn put_back(&mut self, held: Held) -> Option<Completion> {
        let from = self.info(held.var)?.item_of?;
        let end = self.end_of(from, End::Front);
        self.event(Event::Put(held.var, from, end));
        Some(Completion::ItemOf(from))
    }

    /// A future of all items of a collection.
    fn all(&mut self, arg: &Expr, kind: All) -> Value {
        let value = self.value(arg);
        match self.gather(value) {
            Value::Handles(held) if !held.stored => {
                let held = self.created(held);
                if kind == All::TryJoin {
                    self.name_many(held.var, held.many);
                }
                Value::Handles(Held {
                    many: held.many.filter(|_| kind != All::Join),
                    future: Some(kind),
                    ..held
                })
            }
            Value::Ref(var, access) if kind == All::TryJoin => {
                self.lend(var);
                match access {
                    Access::Look => Value::None,
                    _ => Value::WhenOk(vec![Completion::Of(var)]),
                }
            }
            Value::Ref(var, access) if kind == All::Join => Value::Ref(var, access),
            value => {
                self.consume(value);
                Value::None
            }
        }
    }

    /// Of a temporary, notes that it has several handles: the text speaks of them.
    pub(super) fn name_many(&mut self, var: Var, many: Option<Many>) {
        if let Some(info) = self.cfg.vars.get_mut(var.0 as usize)
            && info.name.is_none()
        {
            info.many = info.many.or(many);
        }
    }

    fn wrapped(&mut self, value: Value, path: &Path) -> Value {
        let many = path
            .segments
            .iter()
            .find_map(|segment| collection(&segment.ident.unraw().to_string()));
        let value = self.gather(value);
        match value {
            Value::Handles(held) if !held.lazy || many.is_some() => {
                let held = self.created(held);
                Value::Handles(Held {
                    many: many.or(held.many),
                    optional: held.optional || is_some(path),
                    ..held
                })
            }
            value @ Value::Ref(..) => value,
            value => {
                self.consume(value);
                Value::None
            }
        }
    }
}

/// Functions that return their argument, or a wrapper of it: `Some`, `Ok`, `Box::new`, `Vec::from`.
fn wraps(path: &Path) -> bool {
    let text = super::segments(path);
    let text: Vec<&str> = text.iter().map(String::as_str).collect();
    match *text {
        [.., "Some" | "Ok" | "Ready"] | [.., "Box", "new" | "pin"] | [.., "stream", "iter"] => true,
        [.., name, "from" | "from_iter"] => collection(name).is_some(),
        _ => false,
    }
}

/// The kind of collection that a function creates: `Vec::new()` and the like.
pub(super) fn made_collection(path: &Path) -> Option<Many> {
    let mut segments = path.segments.iter().rev();
    let function = &segments.next()?.ident;
    let makes = ["new", "with_capacity", "default", "from", "from_iter"]
        .iter()
        .any(|name| function == name);
    collection(&segments.next()?.ident.unraw().to_string()).filter(|_| makes)
}

fn is_some(path: &Path) -> bool {
    path.segments
        .last()
        .is_some_and(|last| last.ident == "Some")
}

/// Whether a call never returns, rather than a future of that.
fn known_to_exit(call: &ExprCall) -> bool {
    !matches!(peel(&call.func), Expr::Path(path)
        if path.path.segments.last().is_some_and(|last| last.ident == "pending"))
}

/// The first and the last token of a callee, without generic arguments.
pub(super) fn ends_of(callee: &Expr) -> (Span, Span) {
    match peel(callee) {
        Expr::Path(path) => {
            let start = path.path.leading_colon.map(|colon| colon.spans[0]);
            let segments = &path.path.segments;
            let first = segments.first().map(|first| first.ident.span());
            let last = segments.last().map(|last| last.ident.span());
            let start = start.or(first).unwrap_or_else(|| callee.span());
            (start, last.unwrap_or(start))
        }
        other => (other.span(), other.span()),
    }
}
