//! Closures and async blocks.

use super::{Branch, Grower, Have, Ty};
use crate::tree::{Block, Cond, Expr, Inner, Pat, Stmt, Text};

impl Grower<'_> {
    /// An async block of some statements, which may take a handle with it.
    pub(super) fn block_of(&mut self, head: Text) -> Inner {
        let mut captured = Vec::new();
        if self.chance(0.6) {
            captured.extend(self.find(|entry| matches!(entry.ty, Ty::Task | Ty::Vec | Ty::Option)));
        }
        let size = self.rng.usize(..3);
        self.inner_of(head, captured, |grower, stmts| {
            (0..size).all(|_| grower.budget == 0 || grower.stmt(stmts))
        })
    }

    pub(super) fn inner_of(
        &mut self,
        head: Text,
        captured: Vec<usize>,
        body: impl FnOnce(&mut Self, &mut Vec<Stmt>) -> bool,
    ) -> Inner {
        let outside = self.scope.clone();
        let targets = std::mem::take(&mut self.targets);
        for (at, entry) in self.scope.iter_mut().enumerate() {
            entry.hidden |= !captured.contains(&at);
        }
        self.inner += 1;
        let Branch { mut block, end, .. } = self.branch(0, body);
        if end.is_some() && head == "async move " {
            self.settle(0, &mut block.stmts);
        }
        self.inner -= 1;
        self.targets = targets;
        let mut inner = Inner {
            head,
            moved: Vec::new(),
            shared: Vec::new(),
            body: block,
        };
        inner.capture();
        let after = std::mem::replace(&mut self.scope, outside);
        for (entry, after) in self.scope.iter_mut().zip(after) {
            if inner.moved.contains(&entry.var) {
                entry.have = Have::No;
                entry.live = false;
            } else if inner.shared.contains(&entry.var) && end.is_some() {
                entry.live = after.live;
            }
        }
        inner
    }

    /// An async block that is awaited at once.
    pub(super) fn inner(&mut self, stmts: &mut Vec<Stmt>) {
        let head = self.text(&["async move ", "async "]);
        let inner = Box::new(Expr::Inner(self.block_of(head)));
        stmts.push(Stmt::Expr(Expr::Join("$.await", inner)));
    }

    /// A closure that is called at once.
    pub(super) fn closure(&mut self, stmts: &mut Vec<Stmt>) {
        let Some(at) = self.find(|entry| matches!(entry.ty, Ty::Task | Ty::Vec | Ty::Thread))
        else {
            return;
        };
        let head = self.text(&["|| ", "move || "]);
        let var = self.scope[at].var;
        let look = self.slips();
        let inner = self.inner_of(head, vec![at], |grower, stmts| {
            if grower.chance(0.3) {
                stmts.push(Stmt::Expr(Expr::Look(var, "peek(&$)")));
            }
            if grower.slips() {
                let exit = Block {
                    stmts: vec![Stmt::Expr(Expr::Return(None))],
                    tail: None,
                };
                stmts.push(Stmt::Expr(Expr::If(
                    vec![Cond::Test(Expr::Plain("ready()"))],
                    exit,
                    None,
                )));
            }
            if look {
                stmts.push(Stmt::Expr(Expr::Look(var, "peek(&$)")));
            } else {
                let text = if grower.careful() {
                    "take($)"
                } else {
                    "drop($)"
                };
                let value = Box::new(grower.moved(at));
                stmts.push(Stmt::Expr(if text == "drop($)" {
                    Expr::LetGo(text, value)
                } else {
                    Expr::Join(text, value)
                }));
            }
            true
        });
        let closure = Expr::Inner(inner);
        if self.chance(0.5) {
            stmts.push(Stmt::Expr(Expr::Join("run($)", Box::new(closure))));
        } else {
            self.vars.push("act".to_owned());
            let act = self.vars.len() - 1;
            stmts.push(Stmt::Let(Pat::Var(act), Some(closure), None));
            stmts.push(Stmt::Expr(Expr::Join("$()", Box::new(Expr::Var(act)))));
            self.declare(act, Ty::Shy, false);
            self.scope.last_mut().expect("it was just declared").have = Have::No;
        }
    }
}
