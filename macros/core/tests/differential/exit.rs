//! The places at which paths lose handles.

use super::tree::{Block, Expr, Pat, Stmt, Var};

/// A place, by the part of the tree that stands there. The tree must stay where it is meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Exit {
    part: usize,
    side: Side,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Side {
    /// The closing brace of a block, or of a `match`.
    Block,
    Match,
    /// The `;`
    Statement,
    /// The first token of an expression that lets something go.
    Start,
    /// The first token of an expression that another one may not let end.
    Operand,
    /// What leaves: `return`, `?`.
    Sign,
    /// `if` or `while`.
    Word,
    /// `_` in a pattern, or left of a `=`.
    Pattern,
    Gap,
    /// A variable left of a `=`.
    Left,
    /// A method that drops what its receiver has.
    Method,
}

impl Exit {
    fn of<T>(part: &T, side: Side) -> Self {
        let part = std::ptr::from_ref(part) as usize;
        Self { part, side }
    }

    pub(super) fn end(block: &Block) -> Self {
        Self::of(block, Side::Block)
    }

    pub(super) fn end_of_match(expr: &Expr) -> Self {
        Self::of(expr, Side::Match)
    }

    pub(super) fn end_of_stmt(stmt: &Stmt) -> Self {
        Self::of(stmt, Side::Statement)
    }

    pub(super) fn start(expr: &Expr) -> Self {
        Self::of(expr, Side::Start)
    }

    pub(super) fn operand(expr: &Expr) -> Self {
        Self::of(expr, Side::Operand)
    }

    pub(super) fn sign(expr: &Expr) -> Self {
        Self::of(expr, Side::Sign)
    }

    pub(super) fn word(expr: &Expr) -> Self {
        Self::of(expr, Side::Word)
    }

    pub(super) fn assign(expr: &Expr) -> Self {
        Self::of(expr, Side::Left)
    }

    pub(super) fn method(expr: &Expr) -> Self {
        Self::of(expr, Side::Method)
    }

    pub(super) fn pat(pat: &Pat) -> Self {
        Self::of(pat, Side::Pattern)
    }

    #[expect(clippy::ref_option, reason = "it is known by its place")]
    pub(super) fn left(var: &Option<Var>) -> Self {
        let side = if var.is_some() { Side::Left } else { Side::Gap };
        Self::of(var, side)
    }

    /// Where the body of an arm ends.
    pub(super) fn end_of_arm(body: &Expr) -> Self {
        match body {
            Expr::Block(_, block) => Self::end(block),
            body => Self::start(body),
        }
    }

    /// Whether nothing behind it could join the handle.
    pub(super) fn is_last(self) -> bool {
        !matches!(self.side, Side::Sign | Side::Operand | Side::Left)
    }

    /// Whether a value that has no name is let go here.
    pub(super) fn lets_go(self) -> bool {
        matches!(
            self.side,
            Side::Statement | Side::Start | Side::Operand | Side::Pattern | Side::Gap
        )
    }
}
