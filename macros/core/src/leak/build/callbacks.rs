//! Closures that a method calls with what its receiver has: `option.map(|h| …)`, `handles.into_iter().for_each(|h| …)`.

use syn::Expr;
use syn::spanned::Spanned;

use super::exprs::Place;
use super::tables::{CALLING, Function, MAPPING};
use super::values::{Held, Value};
use super::{Access, CfgBuilder, Event, LeakKind, Many};
use crate::scan::peel;

impl CfgBuilder<'_> {
    /// What the receiver passes to the closure of a method: the content of an `Option`, or each item of an iterator.
    pub(super) fn given(&mut self, name: &str, place: &Place) -> Option<Value> {
        if !CALLING.contains(name) {
            return None;
        }
        match place {
            Place::Var(var) => {
                let info = self.info(*var)?;
                if !info.optional || info.many.is_some() {
                    return None;
                }
                let moved = self.moved(*var);
                self.take_in(*var);
                Some(Value::Handles(Held::of(moved)))
            }
            Place::Value(Value::Handles(held))
                if !held.lazy && !held.stored && held.future.is_none() =>
            {
                match held.many {
                    None if !held.optional => return None,
                    // A stream passes the outputs.
                    Some(Many::Bag) => return None,
                    Some(Many::Map) => self.event(Event::Pack(held.var, 1)),
                    _ => {}
                }
                Some(Value::Handles(Held::of(self.moved(held.var))))
            }
            Place::Ref(var, access) | Place::Value(Value::Ref(var, access)) => {
                let access = match access {
                    Access::Iter => Access::Item,
                    access => *access,
                };
                Some(Value::Ref(*var, access))
            }
            Place::Part(_) | Place::Field(..) | Place::Value(_) => None,
        }
    }

    /// An argument of a method; the first closure is called with what is given.
    pub(super) fn argument(&mut self, arg: &Expr, given: &mut Option<Value>) -> Value {
        match peel(arg) {
            Expr::Closure(closure) if given.is_some() && !closure.inputs.is_empty() => {
                self.closure(closure, given.take())
            }
            Expr::Path(path) if given.is_some() => match self.known(&path.path) {
                Some(Function::Drop | Function::Forget) => {
                    let value = given.take().unwrap_or_default();
                    self.discard(value, LeakKind::Dropped, arg.span());
                    Value::None
                }
                _ => self.value(arg),
            },
            _ => self.value(arg),
        }
    }

    /// The value of a method whose closure has had the content.
    pub(super) fn called_with_content(&mut self, name: &str, args: Vec<Value>) -> Value {
        let mut result = Value::None;
        for arg in args {
            match arg {
                Value::Yield(var) if MAPPING.contains(name) || name == "and_then" => {
                    result = Value::Handles(Held {
                        optional: true,
                        ..Held::of(var)
                    });
                }
                arg => self.consume(arg),
            }
        }
        result
    }
}
