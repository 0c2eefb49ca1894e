//! Methods of temporaries: of iterators, streams, `Option`s and futures that no variable holds.

use syn::{Expr, ExprMethodCall};

use super::methods::{lends, unwraps};
use super::tables::{
    ADAPTING, BORROWING, FALLIBLE, KEEPING_OK, MAPPING, PASSING, PICKING, POPPING,
};
use super::values::{All, Held, Value};
use super::{Access, CfgBuilder, End, Event, Many};
use crate::scan::peel;

impl CfgBuilder<'_> {
    /// A method of a temporary.
    pub(super) fn on_value(
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
            if name == "map" && matches!(peel(&call.receiver), Expr::Array(_) | Expr::Repeat(_)) {
                // An array is mapped at once.
                self.consume(value);
                let made = Held {
                    lazy: true,
                    fresh: true,
                    ..Held::of(var)
                };
                return Value::Handles(self.created(made));
            }
            let lazy = MAPPING.contains(name);
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
        if let ("zip" | "chain", [other]) = (name, &*args) {
            let other = other.clone();
            return self.combined(name, value, other);
        }
        let count = args.len();
        self.consume_all(args);
        match value {
            Value::Handles(held) if !held.stored => self.on_handles(name, held, count, call),
            Value::WhenOk(all) if name == "is_err" => Value::WhenNot(all),
            Value::WhenOk(all) if KEEPING_OK.contains(name) => Value::WhenOk(all),
            Value::WhenOk(all) if unwraps(name) => self.completed(&all),
            value => {
                self.consume(value);
                Value::None
            }
        }
    }

    /// `a.zip(b)` and `a.chain(b)`
    fn combined(&mut self, name: &str, one: Value, other: Value) -> Value {
        let (one, other) = (self.gather(one), self.gather(other));
        let items = |value: &Value| match value {
            Value::Handles(held) if !held.stored => Some(*held),
            _ => None,
        };
        match (name, items(&one), items(&other)) {
            ("zip", Some(held), None) => {
                self.consume(other);
                self.event(Event::Pack(held.var, 0));
                Value::Handles(held)
            }
            ("zip", None, Some(held)) => {
                self.consume(one);
                self.event(Event::Pack(held.var, 1));
                Value::Handles(held)
            }
            ("chain", Some(one), Some(other)) => {
                let (one, other) = (self.created(one), self.created(other));
                self.event(Event::Put(other.var, one.var, End::Back));
                Value::Handles(one)
            }
            ("chain", Some(held), None) | ("chain", None, Some(held)) => Value::Handles(held),
            _ => {
                self.consume_all([one, other]);
                Value::None
            }
        }
    }

    fn on_handles(&mut self, name: &str, held: Held, args: usize, call: &ExprMethodCall) -> Value {
        let Held { var, many, .. } = held;
        match name {
            "collect" => Value::Handles(Held {
                many: Some(many.filter(|many| *many != Many::Map).unwrap_or(Many::List)),
                ..self.created(held)
            }),
            // A stream of outputs: what has been started is in it.
            "buffered" | "buffer_unordered" => {
                let held = self.created(held);
                Value::Handles(Held {
                    many: Some(Many::Bag),
                    ..held
                })
            }
            "flatten"
                if (held.optional || self.info(var).is_some_and(|info| info.optional))
                    && (many.is_some() || is_iterator(&call.receiver)) =>
            {
                Value::Handles(Held {
                    optional: false,
                    many: many.or(Some(Many::List)),
                    ..held
                })
            }
            "enumerate" => {
                self.event(Event::Pack(var, 1));
                Value::Handles(held)
            }
            "rev" => {
                self.event(Event::Reverse(var));
                Value::Handles(held)
            }
            "into_iter" | "drain" | "into_values" if many == Some(Many::Map) => {
                if name != "into_values" {
                    self.event(Event::Pack(var, 1));
                }
                Value::Handles(Held {
                    many: Some(Many::List),
                    ..held
                })
            }
            "take" | "skip" | "step_by" if args == 1 && !held.lazy && many.is_some() => {
                self.some_items(name, held, call)
            }
            name if FALLIBLE.contains(name) && many.is_some() => {
                self.name_many(var, many);
                Value::Handles(Held {
                    future: Some(All::TryJoin),
                    ..held
                })
            }
            name if (POPPING.contains(name) || PICKING.contains(name)) && !held.lazy => {
                if let Some(many) = many {
                    return self.pop(name, var, many, call);
                }
                self.event(Event::Join(var));
                Value::None
            }
            name if BORROWING.contains(name) && !held.lazy => self.borrowed(name, var),
            name if !held.lazy && lends(name).is_some() => {
                Value::Ref(var, lends(name).unwrap_or(Access::Await))
            }
            name if unwraps(name) => Value::Handles(Held {
                var: self.moved(var),
                optional: false,
                ..held
            }),
            name if PASSING.contains(name) => Value::Handles(held),
            // A future of the handle, or a stream of the outputs.
            name if ADAPTING.contains(name) && !held.optional && !held.lazy => Value::Handles(held),
            _ => {
                self.event(Event::Join(var));
                Value::None
            }
        }
    }
}

fn takes_nothing(call: &ExprMethodCall) -> bool {
    matches!(call.args.first(), Some(Expr::Closure(closure)) if closure.inputs.is_empty())
}

/// Whether an expression is certainly an iterator, and not an `Option`.
fn is_iterator(expr: &Expr) -> bool {
    matches!(peel(expr), Expr::MethodCall(call) if call.method == "into_iter")
}
