//! The control-flow form of a body: blocks of events with edges between, and the places that they stand at.

use std::ops::Range;

use proc_macro2::Span;
use syn::Attribute;

/// What can hold handles: a variable of the body, or a value between its making and its use.
///
/// Numbers grow in the order of declaration, so that what a scope declares is a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Var(pub u32);

impl Var {
    /// From here on stand those that are lost by no exit.
    pub const PARKED: Self = Self(1 << 31);

    /// The range of this one alone.
    pub fn alone(self) -> Range<Var> {
        self..Var(self.0 + 1)
    }
}

/// Something that happens to handles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A handle of this spawn comes into being.
    Create(Var, usize),
    /// What the first holds goes to the second.
    Move(Var, Var),
    /// What the first holds the second has as well: the items of what is iterated.
    Copy(Var, Var),
    /// What it holds is joined, or handed to somebody.
    Join(Var),
    /// On this path it holds nothing: `None` has matched.
    Clear(Var),
    /// It is awaited by reference: nobody knows whether what it holds has ended.
    Lend(Var),
    /// What it holds is asked to stop.
    Stop(Var),
    /// From here on these facts hold no longer, and those do.
    Facts { end: u64, begin: u64 },
    /// On this path it holds only that of which one of these facts may hold.
    Only(Var, u64),
    /// What these hold is lost, by this exit.
    Drop(Range<Var>, usize),
}

/// What may hold on a path while a handle is alive on it, as bits: of the handle, and of the flags.
pub struct Fact;

impl Fact {
    /// The handle has been awaited by reference.
    pub const LENT: u64 = 1;
    /// It has not.
    pub const KEPT: u64 = 2;
    /// For so many flags there is room.
    pub const FLAGS: u32 = 31;

    /// The flag of this number has this value.
    pub fn flag(number: u32, value: bool) -> u64 {
        1 << (2 + 2 * number + u32::from(value))
    }

    /// It has any value.
    pub fn any(number: u32) -> u64 {
        Self::flag(number, false) | Self::flag(number, true)
    }
}

/// Events without a branch between, and where the path goes on: nowhere when it leaves the function or diverges.
#[derive(Clone, Debug, Default)]
pub struct Node {
    pub events: Vec<Event>,
    pub next: Vec<usize>,
}

/// How a handle is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// Nobody takes the value: a statement, `let _ =`, `drop(spawn(…))`.
    Unbound,
    EndOfBlock,
    EndOfFunction,
    EndOfStatement,
    /// `return` in a closure.
    ReturnOfClosure,
    /// `return` in an async block.
    ReturnOfBlock,
    /// At the end of the closure that has captured it.
    EndOfClosure,
    /// At the end of the async block that has captured it.
    EndOfAsync,
    Try,
    Return,
    Break,
    Continue,
    Overwritten,
    Dropped,
    Forgotten,
    /// `let _ = h`.
    Ignored,
    Cleared,
    Timeout,
    Select,
    TryJoin,
}

impl Loss {
    /// Whether nothing follows that could join the handle: no early exit.
    pub fn is_final(self) -> bool {
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
                | Self::TryJoin
        )
    }
}

/// A place where handles are lost if they are alive there.
#[derive(Clone, Debug)]
pub struct Exit {
    pub loss: Loss,
    pub span: Span,
    /// The first one that stands at the same brace.
    pub place: usize,
    /// Whether the spawn itself stands there.
    pub at_spawn: bool,
    /// The conditions under which it exists.
    pub cfgs: Vec<Attribute>,
}

/// A call that makes a handle.
#[derive(Clone, Debug)]
pub struct Spawn {
    /// The first and the last token of the callee.
    pub span: (Span, Span),
    pub cfgs: Vec<Attribute>,
    /// Whether a thread is started, which is joined by a method.
    pub thread: bool,
    /// Whether it is a call of another function, which has spawned.
    pub tracked: bool,
}

/// What is known of a variable.
#[allow(
    clippy::struct_excessive_bools,
    reason = "independent facts about one variable"
)]
#[derive(Clone, Debug, Default)]
pub struct About {
    pub name: Option<String>,
    /// Whether anything mentions it.
    pub used: bool,
    /// Whether it is a collection that belongs to this body.
    pub owned: bool,
    /// Whether it ever holds a handle.
    pub holds: bool,
    /// Whether it is an `Option`.
    pub optional: bool,
    /// The first exit behind a later `let` of the same block that takes its name.
    pub shadowed: Option<usize>,
    /// Whether something awaits it by reference.
    pub lent: bool,
    /// The variable that this one was moved out of.
    pub of: Option<Var>,
    /// Whether it is given a handle that no other variable has had.
    pub fresh: bool,
    /// Whether something asks its task to stop.
    pub aborted: bool,
}

/// The form of one body. It begins at its first node.
#[derive(Debug, Default)]
pub struct Flow {
    pub nodes: Vec<Node>,
    pub exits: Vec<Exit>,
    pub spawns: Vec<Spawn>,
    pub vars: Vec<About>,
}

impl Flow {
    /// Whether an exit loses a handle that is written so: nothing is bound to it, or a `_name` that nothing mentions.
    pub fn is_discarded(&self, exit: usize, var: Var) -> bool {
        self.exits[exit].loss == Loss::Unbound || self.is_unused(var)
    }

    /// Whether a variable is a `_name` that nothing mentions and that a spawn was bound to.
    pub fn is_unused(&self, var: Var) -> bool {
        self.vars.get(var.0 as usize).is_some_and(|about| {
            let hidden = about
                .name
                .as_ref()
                .is_some_and(|name| name.starts_with('_'));
            hidden && about.fresh && !about.used
        })
    }
}
