//! Branches, loops and blocks whose value is a handle.

use super::{Branch, Grower, Scope, Target, Ty};
use crate::tree::{Arm, Cond, Expr, Looping, Pat, Stmt};

impl Grower<'_> {
    /// A branch whose value is a handle.
    pub(super) fn value_branch(&mut self) -> Branch {
        let size = self.rng.usize(..2);
        self.depth += 1;
        let mut tail = None;
        let mut branch = self.branch(size, |_, _| true);
        if let Some(end) = branch.end.take() {
            self.scope = end;
            let inside = self.name(Ty::Task);
            if self.chance(0.25) {
                // Through a variable of the block.
                branch
                    .block
                    .stmts
                    .push(Stmt::Let(Pat::Var(inside), Some(self.spawn()), None));
                tail = Some(Expr::Var(inside));
            } else if branch.names.is_empty() {
                tail = Some(self.value());
            } else {
                tail = Some(self.spawn());
            }
            branch.end = Some(self.scope.clone());
        }
        self.depth -= 1;
        branch.block.tail = tail.map(Box::new);
        branch
    }

    /// A branch, a loop or a block whose value is a handle.
    pub(super) fn value_of_flow(&mut self) -> Expr {
        match self.rng.u8(..5) {
            0 | 1 => {
                let cond = Cond::Test(self.test());
                let (blocks, falls) = self.branches(2, |grower, _| grower.value_branch());
                if !falls {
                    // Nothing has a value: the rest would never be reached.
                    return self.spawn();
                }
                let mut blocks = blocks.into_iter();
                let (then, other) = (
                    blocks.next().unwrap_or_default(),
                    blocks.next().unwrap_or_default(),
                );
                Expr::If(vec![cond], then, Some(Box::new(Expr::Block(None, other))))
            }
            2 => {
                let value = self.awaited();
                let (blocks, falls) = self.branches(2, |grower, _| grower.value_branch());
                if !falls {
                    return self.spawn();
                }
                let pats = [Pat::Text("Some(0)"), Pat::Wild];
                let arm = |(pat, block)| Arm {
                    pat,
                    guard: None,
                    body: Expr::Block(None, block),
                };
                Expr::Match(
                    Box::new(value),
                    pats.into_iter().zip(blocks).map(arm).collect(),
                )
            }
            3 => {
                let label = self.target(false, true);
                let branch = self.value_branch();
                let Target { start, breaks, .. } = self.targets.pop().expect("it was just pushed");
                let ends: Vec<&Scope> = branch.end.iter().chain(&breaks).collect();
                if self.meet(&start, &ends) {
                    Expr::Block(Some(label), branch.block)
                } else {
                    self.spawn()
                }
            }
            _ => {
                let label = self.target(true, true);
                let size = self.rng.usize(..2);
                let branch = self.branch(size, |grower, stmts| {
                    let then = grower.branch(0, |grower, stmts| {
                        let value = Box::new(grower.value());
                        grower.settle(
                            grower.targets.last().map_or(0, |target| target.start.len()),
                            stmts,
                        );
                        let scope = grower.scope.clone();
                        let target = grower.targets.last_mut().expect("it is open");
                        target.breaks.push(scope[..target.start.len()].to_vec());
                        stmts.push(Stmt::Expr(Expr::Break(None, Some(value))));
                        false
                    });
                    stmts.push(Stmt::Expr(Expr::If(
                        vec![Cond::Test(Expr::Plain("ready()"))],
                        then.block,
                        None,
                    )));
                    true
                });
                let mut stmts = Vec::new();
                if !self.close_value(&mut stmts, label, branch) {
                    return self.spawn();
                }
                match stmts.pop() {
                    Some(Stmt::Expr(expr)) => expr,
                    _ => self.spawn(),
                }
            }
        }
    }

    pub(super) fn close_value(
        &mut self,
        stmts: &mut Vec<Stmt>,
        label: usize,
        branch: Branch,
    ) -> bool {
        self.close(stmts, label, Looping::Forever, branch)
    }
}
