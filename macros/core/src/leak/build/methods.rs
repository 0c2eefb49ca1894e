//! Calls of methods, known by their names: those of handles, of `Option`, and of collections.

use syn::ext::IdentExt;
use syn::{Expr, ExprMethodCall};

use super::exprs::Place;
use super::invoke::ends_of;
use super::known::{
    BORROWING, KEEPING_OK, LENDING, MAPPING, OPTIONAL, PASSING, POPPING, PUTTING, TAKING, is_in,
};
use super::values::{Held, Value};
use super::{Event, Loss, Shape, Var, Walk};
use crate::pass::calls::peel;

impl Walk<'_> {
    pub(super) fn method_call(&mut self, expr: &Expr, call: &ExprMethodCall) -> Value {
        let name = call.method.unraw().to_string();
        if let Some(kind) = self.recognised(expr) {
            for arg in &call.args {
                self.used(arg);
            }
            let (start, _) = match peel(&call.receiver) {
                Expr::Call(receiver) => ends_of(&receiver.func),
                other => ends_of(other),
            };
            let spawn = self.spawn(start, call.method.span(), Some(kind));
            return self.create(&Shape::Handle, &spawn);
        }
        if let Expr::Path(receiver) = peel(&call.receiver)
            && receiver.path.is_ident("self")
            && let Some(made) = self.tracked.method(&name)
        {
            for arg in &call.args {
                self.used(arg);
            }
            let (start, _) = ends_of(&call.receiver);
            let spawn = self.spawn(start, call.method.span(), None);
            return self.made(made, spawn);
        }
        let place = self.place(&call.receiver);
        let args: Vec<_> = call.args.iter().map(|arg| self.value(arg)).collect();
        if let ("map", [Value::Yield(var)]) = (&*name, &*args)
            && self.is_option(&call.receiver)
        {
            // `port.map(|port| tokio::spawn(…))` has spawned when there is a port, as no iterator has.
            let mapped = Held {
                optional: true,
                fresh: true,
                ..Held::of(*var)
            };
            match place {
                Place::Var(var) | Place::Ref(var, true) => self.event(Event::Join(var)),
                Place::Value(value) => self.consume(value),
                Place::Part(_) | Place::Ref(_, false) => {}
            }
            return Value::Handles(mapped);
        }
        match place {
            Place::Var(var) => self.on_variable(&name, var, args, call),
            Place::Part(var) => {
                self.consume_all(args);
                self.on_lent(&name, var, true, 1)
            }
            Place::Ref(var, awaits) | Place::Value(Value::Ref(var, awaits)) => {
                self.on_reference(&name, var, awaits, args)
            }
            Place::Value(value) => self.on_value(&name, value, args, call),
        }
    }

    /// Whether an expression is an `Option` or a `Result`, for certain.
    fn is_option(&self, expr: &Expr) -> bool {
        match peel(expr) {
            Expr::Path(path) => path
                .path
                .get_ident()
                .is_some_and(|name| self.is_optional(name)),
            Expr::Call(call) => matches!(peel(&call.func), Expr::Path(path)
                if path.path.segments.last().is_some_and(|last| last.ident == "Some")),
            Expr::MethodCall(call) if call.args.is_empty() => {
                is_in(&call.method, OPTIONAL)
                    || ["cloned", "copied"].iter().any(|name| call.method == name)
                        && self.is_option(&call.receiver)
            }
            _ => false,
        }
    }

    /// A method of a variable, which it moves, borrows, or lends.
    fn on_variable(
        &mut self,
        name: &str,
        var: Var,
        args: Vec<Value>,
        call: &ExprMethodCall,
    ) -> Value {
        let owned = self.owns(var);
        if BORROWING.contains(&name) {
            self.consume_all(args);
            return self.borrowed(name, var);
        }
        // It may set a flag.
        self.unsure(var);
        if LENDING.contains(&name) {
            self.consume_all(args);
            return Value::Ref(var, true);
        }
        if owned && PUTTING.contains(&name) {
            for arg in args {
                self.put(arg, var);
            }
            return Value::None;
        }
        if owned && name == "clear" {
            let exit = self.exit(Loss::Cleared, call.method.span());
            self.event(Event::Drop(var.alone(), exit));
            return Value::None;
        }
        if name == "replace" && args.len() == 1 {
            // What was in the `Option` is the value, whatever becomes of it.
            self.event(Event::Join(var));
            for arg in args {
                self.store(arg, var);
            }
            return Value::None;
        }
        if POPPING.contains(&name) || owned && name == "drain" {
            self.tapped.push(var);
        }
        let passing = PASSING.contains(&name);
        if !passing && !POPPING.contains(&name) {
            self.consume_all(args);
            self.event(Event::Join(var));
            return Value::None;
        }
        if TAKING.contains(&name) {
            self.take_in(var);
        }
        let to = self.moved(var);
        let optional = self
            .flow
            .vars
            .get(var.0 as usize)
            .is_some_and(|a| a.optional);
        let held = Held {
            owned: owned && passing,
            optional: optional && !unwraps(name),
            perhaps: !passing,
            ..Held::of(to)
        };
        self.consume_all(args);
        Value::Handles(held)
    }

    /// What a borrowing method returns.
    fn borrowed(&mut self, name: &str, var: Var) -> Value {
        if name == "abort" {
            if let Some(about) = self.flow.vars.get_mut(var.0 as usize) {
                about.aborted = true;
            }
            self.event(Event::Stop(var));
        }
        match name {
            "as_deref" | "as_ref" | "as_slice" | "back" | "borrow" | "first" | "front" | "get"
            | "iter" | "last" | "values" => Value::Ref(var, false),
            _ => Value::None,
        }
    }

    /// A method of a reference, or of a part of a variable.
    fn on_reference(&mut self, name: &str, var: Var, awaits: bool, args: Vec<Value>) -> Value {
        if awaits && self.owns(var) && PUTTING.contains(&name) {
            for arg in args {
                self.put(arg, var);
            }
            return Value::None;
        }
        let count = args.len();
        self.consume_all(args);
        self.on_lent(name, var, awaits, count)
    }

    fn on_lent(&mut self, name: &str, var: Var, awaits: bool, args: usize) -> Value {
        if BORROWING.contains(&name) {
            return self.borrowed(name, var);
        }
        if awaits && (POPPING.contains(&name) || name == "drain") {
            self.tapped.push(var);
        }
        let goes_on = match name {
            "take" => args == 1,
            "next" | "next_back" | "enumerate" | "rev" | "skip" | "by_ref" | "expect"
            | "unwrap" | "into_iter" => true,
            name => LENDING.contains(&name),
        };
        if goes_on {
            return Value::Ref(var, awaits);
        }
        if awaits {
            self.event(Event::Join(var));
        }
        Value::None
    }

    /// `hs.push(h)`
    fn put(&mut self, value: Value, to: Var) {
        match value {
            Value::Handles(held) => self.event(Event::Move(held.var, to)),
            // `hs.append(&mut others)`
            Value::Ref(from, true) => self.event(Event::Move(from, to)),
            value @ Value::Tuple(_) => {
                self.store(value, to);
            }
            value => self.consume(value),
        }
    }

    /// A method of a temporary.
    fn on_value(
        &mut self,
        name: &str,
        value: Value,
        args: Vec<Value>,
        call: &ExprMethodCall,
    ) -> Value {
        let value = self.gather(value);
        // `items.map(|item| tokio::spawn(…))`
        let yielded = args.iter().find_map(|arg| match arg {
            Value::Yield(var) => Some(*var),
            _ => None,
        });
        if let Some(var) = yielded {
            let lazy = MAPPING.contains(&name);
            if lazy || name == "then" && takes_nothing(call) {
                self.consume(value);
                return Value::Handles(Held {
                    lazy,
                    optional: !lazy,
                    fresh: true,
                    ..Held::of(var)
                });
            }
        }
        if name == "then_some"
            && args.len() == 1
            && let Some(Value::Handles(held)) = args.first()
        {
            return Value::Handles(Held {
                optional: true,
                ..*held
            });
        }
        self.consume_all(args);
        match value {
            Value::Handles(held) if name == "collect" => Value::Handles(Held {
                lazy: false,
                owned: true,
                ..held
            }),
            Value::Handles(held) if BORROWING.contains(&name) && !held.lazy => {
                self.borrowed(name, held.var)
            }
            Value::Handles(held) if LENDING.contains(&name) && !held.lazy => {
                Value::Ref(held.var, true)
            }
            Value::Handles(held) if PASSING.contains(&name) => Value::Handles(Held {
                optional: held.optional && !unwraps(name),
                ..held
            }),
            Value::Handles(held) if POPPING.contains(&name) => Value::Handles(Held {
                perhaps: true,
                owned: false,
                ..held
            }),
            Value::WhenOk(vars) if name == "is_err" => Value::WhenNot(vars),
            Value::WhenOk(vars) if KEEPING_OK.contains(&name) => Value::WhenOk(vars),
            value => {
                self.consume(value);
                Value::None
            }
        }
    }
}

fn unwraps(name: &str) -> bool {
    matches!(
        name,
        "unwrap" | "expect" | "unwrap_unchecked" | "ok_or" | "ok_or_else"
    )
}

fn takes_nothing(call: &ExprMethodCall) -> bool {
    matches!(call.args.first(), Some(Expr::Closure(closure)) if closure.inputs.is_empty())
}
