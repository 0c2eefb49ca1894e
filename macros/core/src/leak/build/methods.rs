//! Method calls, known by their names: those of handles, of `Option`s, of collections and of iterators.

use syn::ext::IdentExt;
use syn::{Expr, ExprMethodCall};

use super::exprs::Place;
use super::forms::literal;
use super::invoke::ends_of;
use super::tables::{
    ADAPTING, BORROWING, FALLIBLE, FILLING, GUARDING, LENDING, LENDING_ONE, OPTIONAL, PASSING,
    PICKING, POPPING, PUTTING, TAKING,
};
use super::values::{Held, Value};
use super::{Access, CfgBuilder, End, Event, LeakKind, Many, Var};
use crate::scan::peel;

impl CfgBuilder<'_> {
    pub(super) fn method_call(&mut self, call: &ExprMethodCall) -> Value {
        let name = call.method.unraw().to_string();
        if let Expr::Path(receiver) = peel(&call.receiver)
            && receiver.path.is_ident("self")
            && let Some(returned) = self.tracked.method(&name)
        {
            for arg in &call.args {
                self.used(arg);
            }
            let (start, _) = ends_of(&call.receiver);
            let spawn = self.spawn(start, call.method.span(), None);
            return self.returned(returned, spawn);
        }
        let behind = self.argument_place(&call.receiver);
        let place = self.place(&call.receiver);
        if let Some((argument, field)) = behind {
            return self.behind_argument(&name, argument, field.as_deref(), call);
        }
        if let Some(taken) = self.taken_options(&place, call) {
            return taken;
        }
        let mut content = self.given(&name, &place);
        let gives = content.is_some();
        let args: Vec<_> = call
            .args
            .iter()
            .map(|arg| self.argument(arg, &mut content))
            .collect();
        if gives {
            self.consume(content.unwrap_or_default());
            return self.called_with_content(&name, args);
        }
        if let ("map", [Value::Yield(var)]) = (&*name, &*args)
            && self.is_option(&call.receiver)
        {
            // `port.map(|port| tokio::spawn(…))` spawns at once, unlike an iterator.
            let mapped = Held {
                optional: true,
                fresh: true,
                ..Held::of(*var)
            };
            match place {
                Place::Var(var) => self.event(Event::Join(var)),
                Place::Ref(var, access) => self.join_through(var, access),
                Place::Value(value) => self.consume(value),
                Place::Part(_) | Place::Field(..) => {}
            }
            return Value::Handles(mapped);
        }
        match place {
            Place::Var(var) => self.on_variable(&name, var, args, call),
            Place::Part(var) => self.on_reference(&name, var, Access::Item, args, call),
            Place::Field(var, _) if BORROWING.contains(&name) => {
                self.consume_all(args);
                self.borrowed(&name, var)
            }
            Place::Field(var, _) if LENDING.contains(&name) => Value::Ref(var, Access::Await),
            Place::Field(from, index) => {
                let to = self.unpack(from, index, false);
                self.on_value(&name, Value::Handles(Held::of(to)), args, call)
            }
            Place::Ref(var, access) | Place::Value(Value::Ref(var, access)) => {
                self.on_reference(&name, var, access, args, call)
            }
            Place::Value(value) => self.on_value(&name, value, args, call),
        }
    }

    /// A method of an argument, or of something behind it.
    fn behind_argument(
        &mut self,
        name: &str,
        argument: usize,
        field: Option<&str>,
        call: &ExprMethodCall,
    ) -> Value {
        // `Option::insert` returns a reference to what it stores, which may be awaited.
        let lends = name == "insert" && call.args.len() == 1;
        let stores = (PUTTING.contains(name) || name == "replace" || name == "set") && !lends;
        let args: Vec<_> = call.args.iter().map(|arg| self.value(arg)).collect();
        if !stores && !BORROWING.contains(name) && !GUARDING.contains(name) {
            self.touch(argument, field);
        }
        for arg in args {
            if stores {
                let arg = match arg {
                    // An iterator runs to its end here.
                    Value::Handles(held) if name == "extend" => Value::Handles(Held {
                        lazy: false,
                        ..held
                    }),
                    arg => arg,
                };
                self.store_behind(argument, field.map(str::to_owned), arg, call.method.span());
            } else {
                self.consume(arg);
            }
        }
        Value::None
    }

    /// Whether an expression is certainly an `Option` or a `Result`.
    fn is_option(&self, expr: &Expr) -> bool {
        match peel(expr) {
            Expr::Path(path) => path
                .path
                .get_ident()
                .is_some_and(|name| self.is_optional(name)),
            Expr::Call(call) => matches!(peel(&call.func), Expr::Path(path)
                if path.path.segments.last().is_some_and(|last| last.ident == "Some")),
            Expr::MethodCall(call) if call.args.is_empty() => {
                OPTIONAL.has(&call.method)
                    || ["cloned", "copied"].iter().any(|name| call.method == name)
                        && self.is_option(&call.receiver)
            }
            _ => false,
        }
    }

    /// A method of a variable, which moves or borrows it.
    fn on_variable(
        &mut self,
        name: &str,
        var: Var,
        args: Vec<Value>,
        call: &ExprMethodCall,
    ) -> Value {
        if BORROWING.contains(name) {
            self.consume_all(args);
            return self.borrowed(name, var);
        }
        if let Some(access) = lends(name) {
            self.consume_all(args);
            return Value::Ref(var, access);
        }
        let (many, optional) = {
            let info = &self.cfg.vars[var.0 as usize];
            (info.many, info.optional)
        };
        match (many, name) {
            (Some(many), name) if PUTTING.contains(name) => {
                let end = match (name, call.args.first().and_then(literal)) {
                    ("push_front", _) | ("insert", Some(0)) => many.end(End::Front),
                    _ => many.end(End::Back),
                };
                for arg in args {
                    self.put(arg, var, end);
                }
                return Value::None;
            }
            // `map.entry(key).or_default().push(handle)`
            (Some(Many::Map), "entry") => {
                self.consume_all(args);
                return Value::Ref(var, Access::Await);
            }
            (Some(_), "clear") => {
                self.drop_var(var, LeakKind::Cleared, call.method.span());
                return Value::None;
            }
            (Some(_), "truncate") => {
                let count = call.args.first().and_then(literal);
                let kept = self.take_items(var, count);
                self.drop_var(var, LeakKind::Truncated, call.method.span());
                self.event(Event::Move(kept, var));
                return Value::None;
            }
            (Some(many), "drain") => {
                let drained = self.drained(var, call);
                return Value::Handles(Held {
                    many: Some(many),
                    ..Held::of(drained)
                });
            }
            (Some(many), name) if POPPING.contains(name) || PICKING.contains(name) => {
                let item = self.pop(name, var, many, call);
                self.tap(var, false);
                return item;
            }
            (None, "replace") if optional && args.len() == 1 => {
                let value = args.into_iter().next().unwrap_or_default();
                return self.replace(Value::Ref(var, Access::Await), value);
            }
            (None, "insert") if optional && args.len() == 1 => {
                self.drop_var(var, LeakKind::Overwritten, call.method.span());
                for arg in args {
                    self.store(arg, var);
                }
                return Value::Ref(var, Access::Await);
            }
            _ => {}
        }
        let adapts = ADAPTING.contains(name) && !optional;
        if !adapts && !PASSING.contains(name) && !FALLIBLE.contains(name) {
            self.consume_all(args);
            self.event(Event::Join(var));
            return Value::None;
        }
        if TAKING.contains(name) || adapts {
            self.take_in(var);
        }
        let held = Held {
            optional,
            many,
            ..Held::of(self.moved(var))
        };
        self.on_value(name, Value::Handles(held), args, call)
    }

    /// The value of a borrowing method.
    pub(super) fn borrowed(&mut self, name: &str, var: Var) -> Value {
        if name == "abort" {
            if let Some(info) = self.cfg.vars.get_mut(var.0 as usize) {
                info.aborted = true;
            }
            self.event(Event::Abort(var));
        }
        match name {
            "as_deref" | "as_ref" | "as_slice" | "back" | "borrow" | "first"
            | "first_key_value" | "front" | "get" | "iter" | "keys" | "last" | "last_key_value"
            | "values" => Value::Ref(var, Access::Look),
            _ => Value::None,
        }
    }

    /// A method of a reference, or of an element of a variable.
    fn on_reference(
        &mut self,
        name: &str,
        var: Var,
        access: Access,
        args: Vec<Value>,
        call: &ExprMethodCall,
    ) -> Value {
        if BORROWING.contains(name) {
            self.consume_all(args);
            return self.borrowed(name, var);
        }
        let many = self.many(var);
        match (access, many) {
            // The whole is behind the reference.
            (Access::Await, many) => {
                let count = args.len();
                let moves = PUTTING.contains(name)
                    || POPPING.contains(name)
                    || matches!(name, "clear" | "truncate" | "drain" | "replace")
                    || name == "take" && count == 0;
                if moves {
                    return self.on_variable(name, var, args, call);
                }
                if many == Some(Many::Map) && FILLING.contains(name) {
                    for arg in args {
                        match arg {
                            Value::Yield(made) => self.event(Event::Put(made, var, End::Any)),
                            arg => self.put(arg, var, End::Any),
                        }
                    }
                    return Value::Ref(var, access);
                }
                if let (Some(many), "take", 1) = (many, name, count) {
                    let taken = self.take_items(var, call.args.first().and_then(literal));
                    self.tap(var, false);
                    return Value::Handles(Held {
                        many: Some(many),
                        ..Held::of(taken)
                    });
                }
            }
            (Access::Item, Some(_)) if name == "take" => {
                let item = self.take_item(var, End::Any);
                self.tap(var, true);
                return Value::Handles(Held {
                    optional: true,
                    ..Held::of(item)
                });
            }
            (Access::Iter, _) if POPPING.contains(name) || PICKING.contains(name) => {
                self.consume_all(args);
                return Value::Ref(var, Access::Item);
            }
            _ => {}
        }
        self.consume_all(args);
        match name {
            "into_iter" if access == Access::Await && many.is_some() => {
                Value::Ref(var, Access::Iter)
            }
            "enumerate" | "expect" | "into_iter" | "next" | "next_back" | "rev" | "skip"
            | "unwrap" => Value::Ref(var, access),
            name => match lends(name) {
                Some(Access::Await) => Value::Ref(var, access),
                Some(inner) => Value::Ref(
                    var,
                    if access == Access::Look {
                        access
                    } else {
                        inner
                    },
                ),
                None => {
                    self.join_through(var, access);
                    Value::None
                }
            },
        }
    }

    /// `hs.push(h)`
    pub(super) fn put(&mut self, value: Value, to: Var, end: End) {
        if self.has_tuples(&value) {
            self.cfg.vars[to.0 as usize].tuple = true;
        }
        match self.gather(value) {
            Value::Handles(held) if !held.stored => {
                let held = self.created(held);
                if held.optional {
                    self.cfg.vars[to.0 as usize].optional = true;
                }
                self.event(Event::Put(held.var, to, end));
            }
            // `hs.append(&mut others)`
            Value::Ref(from, Access::Await) => self.event(Event::Put(from, to, end)),
            value => self.consume(value),
        }
    }

    /// An iterator that creates handles has created any number of them.
    pub(super) fn created(&mut self, held: Held) -> Held {
        if !held.lazy {
            return held;
        }
        let again = self.temp();
        self.event(Event::Copy(held.var, again));
        self.event(Event::Put(again, held.var, End::Back));
        Held {
            lazy: false,
            many: Some(Many::List),
            ..held
        }
    }
}

/// What a method lends, if it does.
pub(super) fn lends(name: &str) -> Option<Access> {
    match name {
        "iter_mut" | "values_mut" => Some(Access::Iter),
        name if LENDING.contains(name) => Some(Access::Await),
        name if LENDING_ONE.contains(name) => Some(Access::Item),
        _ => None,
    }
}

pub(super) fn unwraps(name: &str) -> bool {
    matches!(
        name,
        "unwrap" | "expect" | "unwrap_unchecked" | "ok_or" | "ok_or_else"
    )
}
