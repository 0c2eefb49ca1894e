//! Values of expressions, as far as handles go.

use proc_macro2::Span;

use super::tracked::Returned;
use super::{Access, CfgBuilder, End, Event, LeakKind, Many, Rest, Spawn, Var, VarInfo};

/// The value of an expression.
#[derive(Clone, Debug, Default)]
pub(super) enum Value {
    /// No handle, or none that is known.
    #[default]
    None,
    Handles(Held),
    /// The fields of a tuple literal.
    Tuple(Vec<Value>),
    /// The items of an array or `vec!` literal.
    List(Vec<Value>),
    Ref(Var, Access),
    /// A `Result`, or the future of one, that has completed these if it is `Ok`.
    WhenOk(Vec<Completion>),
    /// A `bool` that is false if these have completed.
    WhenNot(Vec<Completion>),
    /// A closure that returns the content of the variable.
    Yield(Var),
    /// A collection that is still empty.
    Collection(Many),
    /// The future of a call that creates handles when it is awaited.
    Pending(Box<(Returned, Spawn)>),
    /// `select(a, b)`
    Race(Vec<Value>),
    /// The output of one that owns no handle: what either side has completed.
    Raced(Vec<Vec<Completion>>),
}

/// What a future completes that borrows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Completion {
    Of(Var),
    /// One item of the collection; its being `None` says that there is none.
    ItemOf(Var),
    /// An item of the collection that has been joined before.
    JoinedOf(Var),
}

/// Handles in a value.
#[derive(Clone, Copy, Debug)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "independent facts about one value"
)]
pub(super) struct Held {
    pub(super) var: Var,
    /// An iterator that is still to create them.
    pub(super) lazy: bool,
    /// No variable has held them yet.
    pub(super) fresh: bool,
    /// In an `Option`.
    pub(super) optional: bool,
    /// In a collection, or an iterator over one.
    pub(super) many: Option<Many>,
    /// In a struct literal: joined, unless it is taken apart.
    pub(super) stored: bool,
    /// A future of all of them.
    pub(super) future: Option<All>,
    /// The `_name` that they are bound to, if nothing uses it, by its index.
    pub(super) unused: Option<u8>,
}

/// A future of several handles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum All {
    Join,
    /// The first error drops the others.
    TryJoin,
    /// Its output has the others as its field with this index.
    Select(u8),
}

impl Completion {
    pub(super) fn var(self) -> Var {
        match self {
            Self::Of(var) | Self::ItemOf(var) | Self::JoinedOf(var) => var,
        }
    }
}

impl Held {
    pub(super) fn of(var: Var) -> Self {
        Self {
            var,
            lazy: false,
            fresh: false,
            optional: false,
            many: None,
            stored: false,
            future: None,
            unused: None,
        }
    }

    /// The value on either of two paths.
    fn or(self, other: Self) -> Self {
        Self {
            var: self.var,
            lazy: self.lazy || other.lazy,
            fresh: self.fresh && other.fresh,
            optional: self.optional || other.optional,
            many: self.many.or(other.many),
            stored: self.stored || other.stored,
            future: self.future.or(other.future),
            unused: self.unused.or(other.unused),
        }
    }
}

impl CfgBuilder<'_> {
    /// Passes the value to code that cannot be read.
    pub(super) fn consume(&mut self, value: Value) {
        match value {
            Value::None | Value::Collection(_) | Value::Pending(_) => {}
            Value::Ref(var, access) => self.join_through(var, access),
            Value::Handles(Held { var, .. }) | Value::Yield(var) => self.event(Event::Join(var)),
            Value::Tuple(parts) | Value::List(parts) | Value::Race(parts) => {
                self.consume_all(parts);
            }
            Value::WhenOk(all) | Value::WhenNot(all) => self.complete_all(&all),
            Value::Raced(sides) => self.either_side(&sides),
        }
    }

    pub(super) fn consume_all(&mut self, values: impl IntoIterator<Item = Value>) {
        for value in values {
            self.consume(value);
        }
    }

    /// Joins what has completed; returns the item, if it is one.
    pub(super) fn complete(&mut self, completion: Completion) -> Option<Var> {
        match completion {
            Completion::Of(var) => {
                self.event(Event::Join(var));
                None
            }
            Completion::ItemOf(var) => {
                let item = self.take_item(var, self.end_of(var, End::Front));
                self.event(Event::Join(item));
                Some(item)
            }
            Completion::JoinedOf(var) => Some(self.var(VarInfo {
                item_of: Some(var),
                ..VarInfo::default()
            })),
        }
    }

    /// The value of a `Result` that is `Ok`.
    pub(super) fn completed(&mut self, all: &[Completion]) -> Value {
        let items: Vec<Var> = all.iter().filter_map(|one| self.complete(*one)).collect();
        match *items {
            [item] => Value::Handles(Held {
                optional: true,
                ..Held::of(item)
            }),
            _ => Value::None,
        }
    }

    pub(super) fn complete_all(&mut self, all: &[Completion]) {
        for completion in all {
            self.complete(*completion);
        }
    }

    /// The same at the beginning of another node.
    pub(super) fn complete_on(&mut self, node: usize, all: &[Completion]) {
        let at = std::mem::replace(&mut self.at, node);
        self.complete_all(all);
        self.at = at;
    }

    /// The handle is awaited, or dropped before.
    pub(super) fn lose(&mut self, held: Held, kind: LeakKind, span: Span) {
        let exit = self.exit(kind, span);
        self.cfg.exits[exit].at_spawn = held.fresh;
        let dropped = self.fork_on();
        self.event(Event::Join(held.var));
        let joined = std::mem::replace(&mut self.at, dropped);
        if held.many.is_some() && kind == LeakKind::TryJoin {
            let failed = self.temp_of(held.var);
            self.event(Event::Take(held.var, failed, End::Any));
            self.event(Event::Join(failed));
        }
        self.event(Event::Drop(held.var.alone(), exit));
        self.merge([joined, dropped]);
    }

    /// What is bound to a `_name` that nothing uses lives to the end of its scope. The scan has taken the name away.
    pub(super) fn keep_unused(&mut self, value: Value) -> Value {
        match value {
            Value::Handles(Held {
                var,
                unused: Some(name),
                ..
            }) => {
                let kept = self.var(VarInfo {
                    name: self.fields.get(usize::from(name)).cloned(),
                    fresh: true,
                    ..VarInfo::default()
                });
                self.event(Event::Move(var, kept));
                Value::None
            }
            value => value,
        }
    }

    /// Drops the value.
    pub(super) fn discard(&mut self, value: Value, kind: LeakKind, span: Span) {
        match value {
            Value::Handles(held) if held.lazy || held.stored => self.event(Event::Join(held.var)),
            Value::Handles(held) => {
                let info = self.info(held.var);
                let kind = match info.and_then(|info| info.rest) {
                    Some(Rest::Race) => LeakKind::Race,
                    _ if held.fresh => LeakKind::Unbound,
                    _ => kind,
                };
                self.drop_var(held.var, kind, span);
            }
            Value::Tuple(parts) | Value::List(parts) | Value::Race(parts) => {
                for part in parts {
                    self.discard(part, kind, span);
                }
            }
            value @ (Value::Yield(_) | Value::Raced(_)) => self.consume(value),
            // Whether it has completed is not asked: both paths go on alike.
            Value::WhenOk(all) | Value::WhenNot(all) => {
                let late = self.fork_on();
                self.complete_all(&all);
                self.merge([self.at, late]);
            }
            Value::None | Value::Collection(_) | Value::Ref(..) | Value::Pending(_) => {}
        }
    }

    /// Moves the value of one path to a variable that other paths write as well.
    pub(super) fn store(&mut self, value: Value, to: Var) -> Option<Held> {
        match value {
            Value::Handles(held) if !held.lazy => {
                self.event(Event::Move(held.var, to));
                Some(Held { var: to, ..held })
            }
            Value::Tuple(parts) => {
                let mut all = None;
                for (index, part) in (0..).zip(parts) {
                    let field = self.temp();
                    if let Some(held) = self.store(part, field) {
                        self.event(Event::Pack(field, index));
                        self.event(Event::Move(field, to));
                        all = either(all, Some(Held { var: to, ..held }));
                    }
                }
                all.map(|held| Held {
                    many: None,
                    optional: false,
                    future: None,
                    ..held
                })
            }
            Value::List(parts) => {
                let mut all = None;
                for part in parts {
                    let item = self.temp();
                    if let Some(held) = self.store(part, item) {
                        self.event(Event::Put(item, to, End::Back));
                        if held.optional
                            && let Some(info) = self.cfg.vars.get_mut(to.0 as usize)
                        {
                            info.optional = true;
                        }
                        all = either(all, Some(Held { var: to, ..held }));
                    }
                }
                all.map(|held| Held {
                    many: Some(Many::List),
                    optional: false,
                    ..held
                })
            }
            value => {
                self.consume(value);
                None
            }
        }
    }

    /// Whether a value is a tuple with handles, or a collection of such.
    pub(super) fn has_tuples(&self, value: &Value) -> bool {
        match value {
            Value::Tuple(_) => true,
            Value::List(parts) => parts.iter().any(|part| matches!(part, Value::Tuple(_))),
            Value::Handles(held) => self.info(held.var).is_some_and(|info| info.tuple),
            _ => false,
        }
    }

    /// Puts the content of a literal into one variable.
    pub(super) fn gather(&mut self, value: Value) -> Value {
        let empty = match &value {
            Value::Tuple(_) => Value::None,
            Value::List(_) => Value::Collection(Many::List),
            _ => return value,
        };
        let to = self.temp();
        self.store(value, to).map_or(empty, Value::Handles)
    }
}

impl Value {
    /// Without references to the variables from here on.
    pub(super) fn outlive(self, start: Var) -> Self {
        match self {
            Value::Ref(var, _) if var >= start => Value::None,
            Value::WhenOk(mut all) => {
                all.retain(|completion| completion.var() < start);
                Value::WhenOk(all)
            }
            value => value,
        }
    }
}

/// What two paths store in the same variable.
pub(super) fn either(one: Option<Held>, other: Option<Held>) -> Option<Held> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.or(other)),
        (one, other) => one.or(other),
    }
}
