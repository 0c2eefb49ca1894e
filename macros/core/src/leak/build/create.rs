//! Handles come into being.

use proc_macro2::Span;

use super::values::{Held, Value};
use super::{CfgBuilder, End, Event, Shape, Spawn};
use crate::scan::Kind;

impl CfgBuilder<'_> {
    /// Creates the handles of a call.
    pub(super) fn create(&mut self, shape: &Shape, spawn: &Spawn) -> Value {
        match shape {
            Shape::Handle | Shape::Many(_) => {
                let var = self.temp();
                self.cfg.spawns.push(spawn.clone());
                let index = self.cfg.spawns.len() - 1;
                self.event(Event::Create(var, index));
                let mut many = None;
                if let Shape::Many(kind) = shape {
                    // Any number of handles.
                    many = Some(*kind);
                    let again = self.temp();
                    self.event(Event::Create(again, index));
                    self.event(Event::Put(again, var, kind.end(End::Back)));
                }
                Value::Handles(Held {
                    many,
                    fresh: true,
                    ..Held::of(var)
                })
            }
            Shape::Tuple(parts) => Value::Tuple(
                parts
                    .iter()
                    .map(|part| {
                        part.as_ref()
                            .map_or(Value::None, |part| self.create(part, spawn))
                    })
                    .collect(),
            ),
        }
    }

    pub(super) fn spawn(&self, start: Span, end: Span, kind: Option<Kind>) -> Spawn {
        Spawn {
            span: (start, end),
            cfgs: self.cfgs.clone(),
            thread: kind == Some(Kind::Thread),
            tracked: kind.is_none(),
        }
    }
}
