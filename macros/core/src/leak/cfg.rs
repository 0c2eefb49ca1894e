//! The control-flow graph of a body: nodes with events, and the exits at which handles can be lost.

use std::ops::Range;

use proc_macro2::Span;
use syn::Attribute;

/// A place for handles: a variable of the body, or a temporary.
///
/// Numbers grow in the order of declaration, so the variables of a scope are a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Var(pub u32);

impl Var {
    /// The first variable that no scope drops.
    pub(super) const PARKED: Self = Self(1 << 31);

    /// The range of this variable alone.
    pub(super) fn alone(self) -> Range<Var> {
        self..Var(self.0 + 1)
    }
}

/// An end of a collection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Front,
    Back,
    /// The collection has no order, or the index is unknown.
    Any,
}

/// An operation on the handles in variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Creates a handle of this spawn.
    Create(Var, usize),
    /// Moves the content of the first variable to the second.
    Move(Var, Var),
    /// Moves the content of the first variable to one that owns it, so that it counts as joined and no exit loses it.
    Store(Var, Var),
    /// The content is taken out of its owner.
    Expose(Var),
    /// Copies the content of the first variable to the second.
    Copy(Var, Var),
    /// Moves the content of the first variable into the collection in the second, at this end.
    Put(Var, Var, End),
    /// Moves one item from this end of the collection in the first variable to the second.
    Take(Var, Var, End),
    /// The content of the variable becomes the field with this index of a tuple.
    Pack(Var, u8),
    /// Moves a field of the tuple in `from` to `to`. A handle whose field is unknown moves along if `sole`: no other
    /// field is moved. Otherwise it counts as joined.
    Unpack {
        from: Var,
        to: Var,
        index: u8,
        sole: bool,
    },
    /// Joins the content, or gives it away.
    Join(Var),
    /// Gives the content to the caller, at this exit.
    Escape(Var, usize),
    /// The variable is known to be empty on this path.
    Clear(Var),
    /// The items that a loop has put into the collection have been taken one by one.
    Counted(Var),
    /// Reverses the order of the collection.
    Reverse(Var),
    /// The content is awaited by reference: it may have completed or not.
    Lend(Var),
    /// `is_finished()` holds: handles that were lent have completed.
    Finished(Var),
    /// The tasks are asked to stop.
    Abort(Var),
    /// Drops the content of these variables, at this exit.
    Drop(Range<Var>, usize),
}

/// A sequence of events, and its successors: none where the path leaves the function or diverges.
#[derive(Clone, Debug, Default)]
pub struct Node {
    pub events: Vec<Event>,
    pub next: Vec<usize>,
}

/// How a handle is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeakKind {
    /// The value is bound to nothing: a statement, `let _ =`, `drop(spawn(…))`.
    Unbound,
    EndOfBlock,
    EndOfFunction,
    EndOfStatement,
    /// `return` in a closure.
    ReturnOfClosure,
    /// `return` in an async block.
    ReturnOfBlock,
    /// The end of the closure that captured the handle.
    EndOfClosure,
    /// The end of the async block that captured the handle.
    EndOfAsync,
    Try,
    Return,
    Break,
    Continue,
    Overwritten,
    Dropped,
    Forgotten,
    /// `let _ = h`, or `..` in a pattern.
    Ignored,
    Cleared,
    /// `truncate(n)`.
    Truncated,
    /// An iterator that gives some items and drops the others: `take(n)`, `nth(n)`, `find(…)`.
    NotTaken,
    Timeout,
    Select,
    /// `futures::future::select(a, b)`, `select_all(v)`: the future that loses.
    Race,
    TryJoin,
    /// Not lost: stored behind an argument.
    Stored,
}

impl LeakKind {
    /// Whether no later code could join the handle: the exit is not an early one.
    pub(super) fn is_final(self) -> bool {
        !matches!(
            self,
            Self::Try
                | Self::Return
                | Self::ReturnOfClosure
                | Self::ReturnOfBlock
                | Self::Break
                | Self::Continue
                | Self::Overwritten
                | Self::Timeout
                | Self::Select
                | Self::Race
                | Self::TryJoin
        )
    }

    pub(super) fn is_end(self) -> bool {
        matches!(
            self,
            Self::EndOfBlock | Self::EndOfClosure | Self::EndOfAsync | Self::EndOfFunction
        )
    }
}

/// A place at which handles are lost if they are alive there.
#[derive(Clone, Debug)]
pub struct Exit {
    pub kind: LeakKind,
    pub span: Span,
    /// The number of the first exit that ends at the same brace.
    pub(super) place: usize,
    /// Whether the spawn itself stands there.
    pub(super) at_spawn: bool,
    /// The collections that the loops around it consume.
    pub(super) consumed: Vec<Var>,
    /// The `cfg` attributes of the statements around.
    pub(super) cfgs: Vec<Attribute>,
}

/// A call that creates a handle.
#[derive(Clone, Debug)]
pub struct Spawn {
    /// The first and the last token of the callee.
    pub span: (Span, Span),
    pub(super) cfgs: Vec<Attribute>,
    /// Whether it starts a thread, which a method joins.
    pub(super) thread: bool,
    /// Whether it calls another function that spawns.
    pub(super) tracked: bool,
}

/// The kind of a collection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Many {
    /// In the order of insertion.
    List,
    Bag,
    /// Without order; the items are pairs of a key and a value.
    Map,
}

impl Many {
    /// The end at which an operation on this end takes place.
    pub(super) fn end(self, end: End) -> End {
        if self == Self::List { end } else { End::Any }
    }
}

/// A remainder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rest {
    /// Of a collection that some items were taken out of.
    Items,
    /// Of several futures, of which the first to complete was awaited.
    Race,
}

/// Facts about a variable.
#[allow(
    clippy::struct_excessive_bools,
    reason = "independent facts about one variable"
)]
#[derive(Clone, Debug, Default)]
pub struct VarInfo {
    pub(super) name: Option<String>,
    /// Whether any code mentions it.
    pub(super) used: bool,
    /// Its kind, if it is a local collection or an iterator over one.
    pub(super) many: Option<Many>,
    /// Whether it ever holds a handle.
    pub(super) holds: bool,
    /// Whether it is an `Option`, or a collection of them.
    pub(super) optional: bool,
    /// The first exit after a later `let` of the same block that reuses the name.
    pub(super) shadowed: Option<usize>,
    /// Whether it is awaited by reference.
    pub(super) lent: bool,
    /// The variable whose content was moved here.
    pub(super) of: Option<Var>,
    /// Whether a spawn is bound to it.
    pub(super) fresh: bool,
    /// Whether its tasks are asked to stop.
    pub(super) aborted: bool,
    /// The collection that it is an item of, if any is left: `None` says that the collection is empty.
    pub(super) item_of: Option<Var>,
    /// Whether it is a struct with handles in its fields.
    pub(super) stored: bool,
    /// What it is the remainder of, if it is one.
    pub(super) rest: Option<Rest>,
    /// Whether it is a tuple that has the handle, or a collection of them.
    pub(super) tuple: bool,
}

/// The graph of one body. Its entry is the first node.
#[derive(Debug, Default)]
pub struct Cfg {
    pub nodes: Vec<Node>,
    pub exits: Vec<Exit>,
    pub spawns: Vec<Spawn>,
    pub(super) vars: Vec<VarInfo>,
}

impl Cfg {
    pub(super) fn info(&self, var: Var) -> Option<&VarInfo> {
        self.vars.get(var.0 as usize)
    }

    /// Whether an exit loses a handle that is discarded in the source: bound to nothing, or to an unused `_name`.
    pub(super) fn is_discarded(&self, exit: usize, var: Var) -> bool {
        self.exits[exit].kind == LeakKind::Unbound || self.is_unused(var)
    }

    /// Whether a variable is a `_name` that nothing mentions and that a spawn was bound to.
    pub(super) fn is_unused(&self, var: Var) -> bool {
        self.info(var).is_some_and(|info| {
            let hidden = info.name.as_ref().is_some_and(|name| name.starts_with('_'));
            hidden && info.fresh && !info.used
        })
    }
}
