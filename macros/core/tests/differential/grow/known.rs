//! Variables that say how it went with another one: flags, options and results without a handle.

use super::{Grower, Have, Ty};
use crate::tree::{Arm, Ask, Block, Cond, Expr, Grouping, Looping, Operand, Pat, SelectArm, Stmt};

impl Grower<'_> {
    /// A question about one of them.
    pub(super) fn ask(&mut self) -> Option<Expr> {
        let at = self.find(|entry| entry.ty == Ty::Option)?;
        Some(Expr::Ask(self.scope[at].var, Ask::Some(self.chance(0.5))))
    }

    /// A loop that joins the handle at some time, and says so by a flag.
    pub(super) fn flag(&mut self, stmts: &mut Vec<Stmt>) {
        let Some(at) = self.find(|entry| entry.ty == Ty::Task && entry.live) else {
            return self.bind(stmts);
        };
        let task = self.scope[at].var;
        let over = self.name(Ty::Flag);
        stmts.push(Stmt::Let(Pat::Mut(over), Some(Expr::Plain("false")), None));
        self.declare(over, Ty::Flag, false);
        let one = |stmt| Block {
            stmts: vec![Stmt::Expr(stmt)],
            tail: None,
        };
        let set = one(Expr::Assign(over, Box::new(Expr::Plain("true"))));
        let leave = if self.chance(0.5) {
            Expr::Break(None, None)
        } else {
            Expr::If(
                vec![Cond::Test(Expr::Plain("ready()"))],
                one(Expr::Break(None, None)),
                None,
            )
        };
        let joined = SelectArm {
            pat: "_",
            future: Operand::Mut(task),
            guard: self.chance(0.5),
            body: set,
        };
        let stop = SelectArm {
            pat: "message",
            future: Operand::Value(Expr::Plain("inbox.recv()")),
            guard: false,
            body: one(leave),
        };
        let select = Expr::Select("tokio::select! {", vec![joined, stop], None);
        let turn = Expr::Loop(None, Looping::Forever, one(select));
        stmts.push(Stmt::Expr(turn));
        let value = Box::new(self.moved(at));
        let rest = one(Expr::Join(self.text(&["$.await", "take($)"]), value));
        stmts.push(Stmt::Expr(Expr::If(
            vec![Cond::Test(Expr::Ask(over, Ask::Flag(false)))],
            rest,
            None,
        )));
    }

    /// `let outcome = select! { … }` or `let answer = timeout(…)`, and what follows from it.
    pub(super) fn outcome(&mut self, stmts: &mut Vec<Stmt>) -> bool {
        let Some(at) = self.find(|entry| entry.ty == Ty::Task && entry.live) else {
            self.bind(stmts);
            return true;
        };
        let task = self.scope[at].var;
        let by_select = self.chance(0.6);
        let ty = if by_select { Ty::Outcome } else { Ty::Answer };
        let init = if by_select {
            let arm = |future, tail| {
                let body = Block {
                    stmts: Vec::new(),
                    tail: Some(Box::new(tail)),
                };
                SelectArm {
                    pat: "done",
                    future,
                    guard: false,
                    body,
                }
            };
            let some = Expr::Group(Grouping::Some, vec![Expr::Plain("done")]);
            let stop = Operand::Value(Expr::Plain("token.cancelled()"));
            Expr::Select(
                "tokio::select! {",
                vec![
                    arm(Operand::Mut(task), some),
                    arm(stop, Expr::Plain("None")),
                ],
                None,
            )
        } else {
            Expr::Timeout(task, "timeout(limit, &mut $).await")
        };
        let var = self.name(ty);
        stmts.push(Stmt::Let(Pat::Mut(var), Some(init), None));
        self.declare(var, ty, false);
        if self.chance(0.3) {
            stmts.push(Stmt::Expr(self.plain()));
        }
        let after = |grower: &mut Self, late: bool| {
            grower.branch(0, |grower, stmts| {
                if grower.scope[at].have == Have::Yes && late {
                    stmts.push(Stmt::Expr(Expr::Look(task, "$.abort()")));
                    let value = Box::new(grower.moved(at));
                    stmts.push(Stmt::Let(
                        Pat::Wild,
                        Some(Expr::Join("$.await", value)),
                        None,
                    ));
                }
                if grower.chance(0.2) {
                    grower.exit(stmts);
                    return false;
                }
                true
            })
        };
        self.scope[at].live = false;
        let ask = if by_select { Ask::Some } else { Ask::Ok };
        let matched = by_select && self.chance(0.4);
        let (mut blocks, falls) = self.branches(2, |grower, at| after(grower, at == 0));
        let other = Expr::Block(None, blocks.pop().unwrap_or_default());
        let late = blocks.pop().unwrap_or_default();
        stmts.push(Stmt::Expr(if matched {
            let arm = |pat, body| Arm {
                pat,
                guard: None,
                body,
            };
            let none = arm(Pat::None, Expr::Block(None, late));
            let some = arm(Pat::Some(Box::new(Pat::Wild)), other);
            let arms = if self.chance(0.5) {
                vec![none, some]
            } else {
                vec![some, none]
            };
            Expr::Match(Box::new(Expr::Var(var)), arms)
        } else {
            Expr::If(
                vec![Cond::Test(Expr::Ask(var, ask(false)))],
                late,
                Some(Box::new(other)),
            )
        }));
        falls
    }
}
