//! Methods that take some items of a collection, and what becomes of the others.

use syn::{Expr, ExprMethodCall};

use super::exprs::Place;
use super::forms::literal;
use super::values::{Held, Value};
use super::{Access, CfgBuilder, End, Event, LeakKind, Many, Var};
use crate::scan::peel;

impl CfgBuilder<'_> {
    /// `hs.drain(..)`: only a range of literals leaves anything behind.
    pub(super) fn drained(&mut self, var: Var, call: &ExprMethodCall) -> Var {
        let Some(Expr::Range(range)) = call.args.first().map(peel) else {
            return self.moved(var);
        };
        let bound = |bound: &Option<Box<Expr>>| bound.as_deref().map(literal);
        match (bound(&range.start), bound(&range.end)) {
            (None | Some(Some(0)), Some(Some(count))) => self.take_items(var, Some(count)),
            (Some(Some(count)), None) => {
                let kept = self.take_items(var, Some(count));
                let drained = self.moved(var);
                self.event(Event::Move(kept, var));
                drained
            }
            _ => self.moved(var),
        }
    }

    /// Takes one item out of a collection or an iterator.
    pub(super) fn pop(&mut self, name: &str, var: Var, many: Many, call: &ExprMethodCall) -> Value {
        let first = call.args.first().and_then(literal);
        let end = match name {
            "next" | "try_next" | "pop_front" | "pop_first" | "nth" => End::Front,
            "pop" | "pop_back" | "pop_last" | "next_back" | "last" => End::Back,
            "remove" if first == Some(0) => End::Front,
            _ => End::Any,
        };
        if let ("nth", Some(count @ 1..)) = (name, first) {
            let skipped = self.take_items(var, Some(count));
            self.drop_var(skipped, LeakKind::NotTaken, call.method.span());
        }
        let item = self.take_item(var, many.end(end));
        if many == Many::Map && name.starts_with("pop") {
            self.event(Event::Pack(item, 1));
        }
        let removes = many == Many::List && name.ends_with("remove");
        let streams = many == Many::Bag && name.ends_with("next");
        Value::Handles(Held {
            optional: !removes && !streams,
            ..Held::of(item)
        })
    }

    /// `map.insert(key, handle)` whose value is looked at: the handle that had the key before.
    pub(super) fn replaced(&mut self, call: &ExprMethodCall) -> Option<Var> {
        if call.method != "insert" || call.args.len() != 2 {
            return None;
        }
        let Place::Var(var) = self.place(&call.receiver) else {
            return None;
        };
        if self.many(var) != Some(Many::Map) {
            return None;
        }
        let mut args = Vec::new();
        for arg in &call.args {
            args.push(self.value(arg));
        }
        let old = self.take_item(var, End::Any);
        for arg in args {
            self.put(arg, var, End::Any);
        }
        Some(old)
    }

    /// `take(n)`, `skip(2)` and `step_by(2)` of an iterator that owns its items: the others are dropped with it. What a
    /// variable counts may have been joined before, as in `skip(done)`.
    pub(super) fn some_items(&mut self, name: &str, held: Held, call: &ExprMethodCall) -> Value {
        let count = call.args.first().and_then(literal);
        let (lost, left) = match (name, count) {
            ("skip", Some(1..)) => (self.take_items(held.var, count), held.var),
            ("step_by", Some(2..)) => (held.var, self.take_items(held.var, None)),
            ("take", _) => (held.var, self.take_items(held.var, count)),
            _ => return Value::Handles(held),
        };
        self.drop_var(lost, LeakKind::NotTaken, call.method.span());
        Value::Handles(Held { var: left, ..held })
    }

    /// `hs.iter_mut().filter_map(Option::take)` moves all handles out.
    pub(super) fn taken_options(&mut self, place: &Place, call: &ExprMethodCall) -> Option<Value> {
        let (Place::Ref(var, Access::Iter) | Place::Value(Value::Ref(var, Access::Iter))) = *place
        else {
            return None;
        };
        let many = self.many(var)?;
        let takes = match call.args.first().map(peel)? {
            Expr::Path(path) => path.path.segments.last()?.ident == "take",
            Expr::Closure(closure) => matches!(
                (peel(&closure.body), closure.inputs.first()?),
                (Expr::MethodCall(call), syn::Pat::Ident(item))
                    if call.method == "take"
                        && matches!(peel(&call.receiver), Expr::Path(path) if path.path.is_ident(&item.ident))
            ),
            _ => false,
        };
        (takes && call.method == "filter_map").then(|| {
            Value::Handles(Held {
                many: Some(many),
                ..Held::of(self.moved(var))
            })
        })
    }
}
