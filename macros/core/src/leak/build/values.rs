//! What an expression yields, as far as handles go.

use proc_macro2::Span;

use super::{Event, Loss, Shape, Spawn, Var, Walk};

/// The value of an expression.
#[derive(Debug, Default)]
pub enum Value {
    /// No handle, or none that can be seen.
    #[default]
    None,
    Handles(Held),
    /// The parts of a tuple or array literal.
    Tuple(Vec<Value>),
    /// A reference to a variable, and whether what it holds can be awaited through it.
    Ref(Var, bool),
    /// A result, or the future of one, that has joined these when it is `Ok`.
    WhenOk(Vec<Var>),
    /// A `bool` that says that these have not been joined.
    WhenNot(Vec<Var>),
    /// A closure that returns what this holds.
    Yield(Var),
    /// A collection that is empty yet.
    Collection,
    /// The future of a call that makes handles when it is awaited.
    Pending(Shape, Box<Spawn>),
}

/// Handles in a value.
#[derive(Clone, Copy, Debug)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "independent facts about one value"
)]
pub struct Held {
    pub var: Var,
    /// An iterator that has yet to make them.
    pub lazy: bool,
    /// No variable has had them.
    pub fresh: bool,
    /// In an `Option`.
    pub optional: bool,
    /// In a collection.
    pub owned: bool,
    /// Taken out of a collection: perhaps there was none.
    pub perhaps: bool,
}

impl Held {
    pub fn of(var: Var) -> Self {
        Self {
            var,
            lazy: false,
            fresh: false,
            optional: false,
            owned: false,
            perhaps: false,
        }
    }

    /// One of two values, of different paths.
    fn or(self, other: Self) -> Self {
        Self {
            var: self.var,
            lazy: self.lazy || other.lazy,
            fresh: self.fresh && other.fresh,
            optional: self.optional || other.optional,
            owned: self.owned || other.owned,
            perhaps: self.perhaps || other.perhaps,
        }
    }
}

impl Walk<'_> {
    /// The value goes to somebody.
    pub(super) fn consume(&mut self, value: Value) {
        match value {
            Value::None | Value::Collection | Value::Pending(..) | Value::Ref(_, false) => {}
            Value::Handles(Held { var, .. }) | Value::Yield(var) | Value::Ref(var, true) => {
                self.event(Event::Join(var));
            }
            Value::Tuple(parts) => self.consume_all(parts),
            Value::WhenOk(vars) | Value::WhenNot(vars) => self.join_all(vars),
        }
    }

    pub(super) fn consume_all(&mut self, values: impl IntoIterator<Item = Value>) {
        for value in values {
            self.consume(value);
        }
    }

    pub(super) fn join_all(&mut self, vars: Vec<Var>) {
        for var in vars {
            self.event(Event::Join(var));
        }
    }

    /// Whoever was given the handle awaits it, or drops it before it has ended.
    pub(super) fn lose(&mut self, held: Held, loss: Loss, span: Span) {
        let exit = self.exit(loss, span);
        self.flow.exits[exit].at_spawn = held.fresh;
        let dropped = self.fork();
        self.on(dropped, Event::Drop(held.var.alone(), exit));
        self.then();
        self.event(Event::Join(held.var));
        self.meet([self.at, dropped]);
    }

    /// Nobody takes the value.
    pub(super) fn discard(&mut self, value: Value, loss: Loss, span: Span) {
        match value {
            Value::Handles(held) if held.lazy || held.perhaps => self.event(Event::Join(held.var)),
            Value::Handles(held) => {
                let loss = if held.fresh { Loss::Unbound } else { loss };
                let exit = self.exit(loss, span);
                self.event(Event::Drop(held.var.alone(), exit));
            }
            Value::Tuple(parts) => {
                for part in parts {
                    self.discard(part, loss, span);
                }
            }
            value @ Value::Yield(_) => self.consume(value),
            // Nobody asks whether it has completed: the path where it has not goes on like the other one.
            Value::WhenOk(vars) | Value::WhenNot(vars) => {
                let late = self.fork();
                self.then();
                self.join_all(vars);
                self.meet([self.at, late]);
            }
            Value::None | Value::Collection | Value::Ref(..) | Value::Pending(..) => {}
        }
    }

    /// Puts the value of one path into a variable that other paths write, too.
    pub(super) fn store(&mut self, value: Value, to: Var) -> Option<Held> {
        match value {
            Value::Handles(held) if !held.lazy => {
                self.event(Event::Move(held.var, to));
                Some(Held { var: to, ..held })
            }
            Value::Tuple(parts) => {
                let mut all = None;
                for part in parts {
                    let held = self.store(part, to);
                    all = either(all, held);
                }
                all.map(|held| Held {
                    owned: true,
                    ..held
                })
            }
            value => {
                self.consume(value);
                None
            }
        }
    }

    /// One variable for all that a value holds.
    pub(super) fn gather(&mut self, value: Value) -> Value {
        match value {
            Value::Tuple(parts) => {
                let to = self.temp();
                self.store(Value::Tuple(parts), to)
                    .map_or(Value::None, Value::Handles)
            }
            value => value,
        }
    }
}

impl Value {
    /// What is left of it outside of the scope that began with `start`: no reference to what was declared there.
    pub fn outlive(self, start: Var) -> Self {
        match self {
            Value::Ref(var, _) if var >= start => Value::None,
            Value::WhenOk(vars) => {
                Value::WhenOk(vars.into_iter().filter(|var| *var < start).collect())
            }
            value => value,
        }
    }
}

/// What two paths store in the same variable.
pub fn either(one: Option<Held>, other: Option<Held>) -> Option<Held> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.or(other)),
        (one, other) => one.or(other),
    }
}
