//! The little language in which bodies are grown. A tree knows what its printed source means; the analysis sees the
//! source alone.

use crate::uses::Uses;

/// A variable, by its place in [`Body::vars`]: two variables may have the same name.
pub(super) type Var = usize;
/// A spawn site, by its number in the order of growing.
pub(super) type Site = usize;
/// A label of a loop or a block: `'l0`, `'l1` …
pub(super) type Label = usize;
/// Source without handles and exits, in which `$` stands for the expression or the variable.
pub(super) type Text = &'static str;

/// The functions that give handles: the first two by `tracks(…)`, the others by how they are declared beside the body.
pub(super) const TRACKED: &[Text] = &[
    "start_worker",
    "Pool::start",
    "open",
    "connect",
    "crew",
    "both",
];

/// How a spawn begins that is made of an option, if there is something in it.
pub(super) const MAPPED: Text = "map(|port| ";

#[derive(Clone, Debug)]
pub(super) struct Body {
    /// The name of each variable.
    pub(super) vars: Vec<String>,
    pub(super) sites: usize,
    pub(super) block: Block,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Block {
    pub(super) stmts: Vec<Stmt>,
    pub(super) tail: Option<Box<Expr>>,
}

#[derive(Clone, Debug)]
pub(super) enum Stmt {
    Let(Pat, Option<Expr>, Option<Block>),
    Expr(Expr),
}

#[derive(Clone, Debug)]
pub(super) enum Expr {
    /// Nothing that matters: `step().await`, `3`.
    Plain(Text),
    /// `$?`
    Try(Box<Expr>),
    /// A call that starts a task: the path, and what it is given.
    Spawn(Site, Text, Box<Expr>),
    /// An iterator of spawns: what stands before and after it.
    Collect(Site, Text, Text),
    /// The variable by value.
    Var(Var),
    /// Its value is awaited, or given to one function that joins it, hands it on or stores it: all handles in it are joined.
    Join(Text, Box<Expr>),
    /// `take($, $, …)` or `Holder { a: $, b: $ }`: joined once all of them are evaluated.
    Hand(Holder, Vec<Expr>),
    /// The value is let go: `drop($)`, `timeout(limit, $).await`, `$.abort()` on a value that nobody has.
    LetGo(Text, Box<Expr>),
    /// A value that contains them all.
    Group(Grouping, Vec<Expr>),
    /// Something that only looks at the variable.
    Look(Var, Text),
    /// Something that joins what is in the variable, and leaves the variable where it is: `(&mut $).await`.
    Through(Var, Text),
    /// `timeout(limit, &mut $).await`: joined when it gives `Ok`.
    Timeout(Var, Text),
    /// Whether the result is the given one: `$.is_ok()`, `$.is_err()`.
    Is(bool, Box<Expr>),
    /// What is known of a flag, an option or a result in a variable: `!$`, `$.is_none()`.
    Ask(Var, Ask),
    /// `$.take()` of an option.
    TakeOut(Var),
    /// `$.pop()` of a collection.
    Pop(Var),
    /// `$.next().await` of a stream: the item is joined.
    Next(Var),
    /// An item of a collection of which the others are dropped: `$.into_iter().next()`.
    Pick(Var, Text),
    /// `std::mem::take(&mut $)`
    TakeAll(Var),
    /// Another value for what is in the variable, which is the value: `std::mem::replace(&mut $, …)`.
    Replace(Var, Text, Box<Expr>),
    /// What is in the variable is dropped where the second text begins, but for the first item if it is kept.
    Lose(Var, Text, Text, bool),
    /// A future of the value: `join_all($)`, `$.fuse()`.
    Wrap(Text, Box<Expr>),
    /// `select($, $).await`: one is joined, the other is dropped.
    Race(Vec<Expr>),
    /// A closure that spawns, and a call of it.
    Starter(Site),
    Start(Var, Site),
    /// Puts values into a collection: `$.push(…)`.
    Put(Var, Text, Box<Expr>),
    Assign(Var, Box<Expr>),
    /// `(a, _) = $`
    AssignAll(Vec<Option<Var>>, Box<Expr>),
    /// `left && right`, or `||`: the right one is not always evaluated.
    Lazy(Text, Box<Expr>, Box<Expr>),
    If(Vec<Cond>, Block, Option<Box<Expr>>),
    Match(Box<Expr>, Vec<Arm>),
    Loop(Option<Label>, Looping, Block),
    Block(Option<Label>, Block),
    Break(Option<Label>, Option<Box<Expr>>),
    Continue(Option<Label>),
    Return(Option<Box<Expr>>),
    /// Control does not come back.
    Diverge(Text),
    /// `select!`, as the text begins it.
    Select(Text, Vec<SelectArm>, Option<Block>),
    /// `join!` or `try_join!`.
    JoinAll(JoinMacro, Vec<Operand>),
    /// A closure or an async block.
    Inner(Inner),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holder {
    Call,
    Struct,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Grouping {
    /// `Some($)`, `vec![$, …]`, `[$, …]`: one value, whatever is in it.
    Some,
    Vec,
    Array,
    /// `(…)`, and an array that a pattern takes apart at once: each part is a value of its own.
    Tuple,
    Parts,
    /// `Holder { a: …, b: … }`, which a pattern takes apart at once.
    Struct,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ask {
    /// `$` or `!$`
    Flag(bool),
    /// `$.is_some()` or `$.is_none()`
    Some(bool),
    /// `$.is_ok()` or `$.is_err()`
    Ok(bool),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct JoinMacro {
    pub(super) path: Text,
    pub(super) fallible: bool,
}

#[derive(Clone, Debug)]
pub(super) enum Cond {
    Test(Expr),
    Let(Pat, Expr),
}

#[derive(Clone, Debug)]
pub(super) struct Arm {
    pub(super) pat: Pat,
    pub(super) guard: Option<Expr>,
    pub(super) body: Expr,
}

#[derive(Clone, Debug)]
pub(super) enum Pat {
    Wild,
    Var(Var),
    /// `mut name`
    Mut(Var),
    /// `ref name`
    Ref(Var),
    Some(Box<Pat>),
    None,
    /// Matches when the result is `Ok` (true) or `Err`; the text is the whole pattern.
    Result(bool, Text),
    /// Matches or not, nobody knows.
    Text(Text),
    /// Matches always, and binds nothing that matters.
    Any(Text),
    Tuple(Vec<Pat>),
    Slice(Vec<Pat>),
    /// `(…, ..)`
    Head(Vec<Pat>),
    /// `Holder { a: …, .. }`
    Fields(Vec<Pat>),
}

#[derive(Clone, Debug)]
pub(super) enum Looping {
    Forever,
    While(Vec<Cond>),
    /// `for _ in $`, evaluated once.
    For(Text, Box<Expr>),
    /// `for element in collection`, the collection by value, as the text says.
    Each(Var, Text, Var),
    /// The same with `drain(..)`: the variable stays, empty.
    Drain(Var, Var),
    /// `for element in [$, $]`
    Over(Var, Box<Expr>),
}

#[derive(Clone, Debug)]
pub(super) struct SelectArm {
    pub(super) pat: Text,
    pub(super) future: Operand,
    pub(super) guard: bool,
    pub(super) body: Block,
}

/// What `select!` and `join!` are given.
#[derive(Clone, Debug)]
pub(super) enum Operand {
    Value(Expr),
    Mut(Var),
}

#[derive(Clone, Debug)]
pub(super) struct Inner {
    pub(super) head: Text,
    /// The variables that go into it; by value, as it is moved or as it consumes them.
    pub(super) moved: Vec<Var>,
    /// The variables that it borrows.
    pub(super) shared: Vec<Var>,
    pub(super) body: Block,
}

/// A part of a tree.
pub(super) enum Node<'a> {
    Expr(&'a mut Expr),
    Block(&'a mut Block),
}

impl Block {
    pub(super) fn nodes(&mut self) -> Vec<Node<'_>> {
        let mut nodes = Vec::new();
        for stmt in &mut self.stmts {
            match stmt {
                Stmt::Let(_, init, other) => {
                    nodes.extend(init.as_mut().map(Node::Expr));
                    nodes.extend(other.as_mut().map(Node::Block));
                }
                Stmt::Expr(expr) => nodes.push(Node::Expr(expr)),
            }
        }
        nodes.extend(self.tail.as_deref_mut().map(Node::Expr));
        nodes
    }
}

impl Expr {
    /// The parts directly under it.
    pub(super) fn nodes(&mut self) -> Vec<Node<'_>> {
        let mut nodes = Vec::new();
        match self {
            Self::Plain(_)
            | Self::Collect(..)
            | Self::Var(_)
            | Self::Look(..)
            | Self::Through(..)
            | Self::Timeout(..)
            | Self::Ask(..)
            | Self::TakeOut(_)
            | Self::Pop(_)
            | Self::Next(_)
            | Self::Pick(..)
            | Self::TakeAll(_)
            | Self::Lose(..)
            | Self::Starter(_)
            | Self::Start(..)
            | Self::Continue(_)
            | Self::Diverge(_) => {}
            Self::Try(one) | Self::Spawn(_, _, one) | Self::Join(_, one) | Self::LetGo(_, one) => {
                nodes.push(Node::Expr(one));
            }
            Self::Is(_, one)
            | Self::Wrap(_, one)
            | Self::Replace(_, _, one)
            | Self::Put(_, _, one)
            | Self::Assign(_, one)
            | Self::AssignAll(_, one) => nodes.push(Node::Expr(one)),
            Self::Hand(_, all) | Self::Group(_, all) | Self::Race(all) => {
                nodes.extend(all.iter_mut().map(Node::Expr));
            }
            Self::Lazy(_, left, right) => nodes.extend([Node::Expr(left), Node::Expr(right)]),
            Self::If(conds, then, other) => {
                nodes.extend(conds.iter_mut().map(Cond::node));
                nodes.push(Node::Block(then));
                nodes.extend(other.as_deref_mut().map(Node::Expr));
            }
            Self::Match(value, arms) => {
                nodes.push(Node::Expr(value));
                for arm in arms {
                    nodes.extend(arm.guard.as_mut().map(Node::Expr));
                    nodes.push(Node::Expr(&mut arm.body));
                }
            }
            Self::Loop(_, kind, body) => {
                match kind {
                    Looping::While(conds) => nodes.extend(conds.iter_mut().map(Cond::node)),
                    Looping::For(_, items) | Looping::Over(_, items) => {
                        nodes.push(Node::Expr(items));
                    }
                    Looping::Forever | Looping::Each(..) | Looping::Drain(..) => {}
                }
                nodes.push(Node::Block(body));
            }
            Self::Block(_, body) | Self::Inner(Inner { body, .. }) => nodes.push(Node::Block(body)),
            Self::Break(_, value) | Self::Return(value) => {
                nodes.extend(value.as_deref_mut().map(Node::Expr));
            }
            Self::Select(_, arms, other) => {
                for arm in arms {
                    nodes.extend(arm.future.node());
                    nodes.push(Node::Block(&mut arm.body));
                }
                nodes.extend(other.as_mut().map(Node::Block));
            }
            Self::JoinAll(_, operands) => {
                nodes.extend(operands.iter_mut().filter_map(Operand::node));
            }
        }
        nodes
    }
}

impl Cond {
    pub(super) fn node(&mut self) -> Node<'_> {
        match self {
            Self::Test(expr) | Self::Let(_, expr) => Node::Expr(expr),
        }
    }
}

impl Operand {
    fn node(&mut self) -> Option<Node<'_>> {
        match self {
            Self::Value(expr) => Some(Node::Expr(expr)),
            Self::Mut(_) => None,
        }
    }
}

impl Pat {
    /// Whether it takes a part of what it is matched with.
    pub(super) fn moves(&self) -> bool {
        match self {
            Self::Var(_) | Self::Mut(_) => true,
            Self::Some(inner) => inner.moves(),
            Self::Tuple(all) | Self::Slice(all) | Self::Head(all) | Self::Fields(all) => {
                all.iter().any(Self::moves)
            }
            Self::Wild
            | Self::Ref(_)
            | Self::None
            | Self::Result(..)
            | Self::Text(_)
            | Self::Any(_) => false,
        }
    }
}

impl Inner {
    /// Says anew which variables it captures: as `move` says, or as each of them is used.
    pub(super) fn capture(&mut self) {
        let mut uses = Uses::default();
        uses.block(&mut self.body);
        let all_moved = self.head.contains("move");
        (self.moved, self.shared) = (Vec::new(), Vec::new());
        uses.named.sort_unstable();
        uses.named.dedup();
        for var in uses.named {
            if uses.declared.contains(&var) {
            } else if all_moved || uses.taken.contains(&var) {
                self.moved.push(var);
            } else {
                self.shared.push(var);
            }
        }
    }
}
