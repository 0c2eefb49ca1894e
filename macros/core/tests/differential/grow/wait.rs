//! `timeout`, `select!` and `join!`.

use super::{Grower, Have, Ty, pick};
use crate::tree::{
    Arm, Block, Cond, Expr, JoinMacro, Looping, Operand, Pat, SelectArm, Stmt, Text, Var,
};

impl Grower<'_> {
    pub(super) fn join_macro(&mut self, stmts: &mut Vec<Stmt>) {
        let fallible = self.slips();
        let path = self.text(if fallible {
            &["tokio::try_join", "try_join"]
        } else {
            &["tokio::join", "futures::join", "join"]
        });
        let mut operands = Vec::new();
        for _ in 0..self.rng.usize(2..4) {
            if !fallible && self.chance(0.15) {
                operands.push(Operand::Value(Expr::Inner(self.block_of("async move "))));
                continue;
            }
            operands.push(
                match (self.rng.u8(..5), self.find(|entry| entry.ty == Ty::Task)) {
                    (0, _) => Operand::Value(Expr::Plain("step()")),
                    (1, Some(at)) if !fallible => {
                        // One that is mentioned by `&mut` stays where it is, and cannot be named again.
                        self.scope[at].live = false;
                        self.scope[at].have = Have::No;
                        Operand::Mut(self.scope[at].var)
                    }
                    (2..5, Some(at)) => Operand::Value(self.moved(at)),
                    _ => Operand::Value(self.spawn()),
                },
            );
        }
        let exit = self.chance(0.5) && self.may_exit();
        let joined = Expr::JoinAll(JoinMacro { path, fallible }, operands);
        stmts.push(Stmt::Expr(if exit && fallible {
            Expr::Try(Box::new(joined))
        } else {
            joined
        }));
    }

    /// `timeout(…, &mut h)` where it can be read which way it went.
    #[expect(clippy::too_many_lines, reason = "there are many ways to look")]
    pub(super) fn timeout(&mut self, stmts: &mut Vec<Stmt>) -> bool {
        let Some(at) = self.find(|entry| entry.ty == Ty::Task && entry.live) else {
            self.bind(stmts);
            return true;
        };
        let var = self.scope[at].var;
        let text = self.text(&[
            "timeout(limit, &mut $).await",
            "tokio::time::timeout(limit, &mut $).await",
        ]);
        let value = Expr::Timeout(var, text);
        let done = |grower: &mut Self, done: bool| {
            let size = grower.size();
            grower.branch(size, |grower, _| {
                grower.scope[at].live &= !done;
                true
            })
        };
        let wanted = self.chance(0.5);
        match self.rng.u8(..10) {
            0..3 => {
                let (mut blocks, falls) =
                    self.branches(2, |grower, at| done(grower, wanted == (at == 0)));
                let wanted_text = if !wanted {
                    "Err(_)"
                } else if self.slips() {
                    "Ok(Ok(x))"
                } else {
                    "Ok(x)"
                };
                let ok = Pat::Result(wanted, wanted_text);
                let cond = if self.chance(0.6) {
                    Cond::Test(Expr::Is(wanted, Box::new(value)))
                } else {
                    Cond::Let(ok, value)
                };
                let other = Some(Box::new(Expr::Block(
                    None,
                    blocks.pop().unwrap_or_default(),
                )));
                let mut conds = vec![cond];
                if self.chance(0.3) && self.slips() {
                    conds.push(Cond::Test(Expr::Plain("ready()")));
                }
                stmts.push(Stmt::Expr(Expr::If(
                    conds,
                    blocks.pop().unwrap_or_default(),
                    other,
                )));
                falls
            }
            3 | 4 => {
                let all: [&[(bool, Text)]; 6] = [
                    &[(true, "Ok(_)"), (false, "Err(_)")],
                    &[(false, "Err(_)"), (true, "Ok(x)")],
                    &[(true, "Ok(Ok(x))"), (true, "Ok(Err(x))"), (false, "Err(_)")],
                    &[(true, "Ok(_)"), (false, "_")],
                    &[(true, "Ok(x)"), (false, "Err(_)"), (true, "Ok(_)")],
                    &[(true, "Ok(Ok(x))"), (false, "_")],
                ];
                let pats = pick(self.rng, &all);
                let (blocks, falls) =
                    self.branches(pats.len(), |grower, at| done(grower, pats[at].0));
                let arm = |((ok, text), block): (&(bool, Text), Block)| {
                    let pat = if *text == "_" {
                        Pat::Wild
                    } else {
                        Pat::Result(*ok, text)
                    };
                    let guard =
                        (pats.len() == 3 && *text == "Ok(x)").then_some(Expr::Plain("ready()"));
                    Arm {
                        pat,
                        guard,
                        body: Expr::Block(None, block),
                    }
                };
                stmts.push(Stmt::Expr(Expr::Match(
                    Box::new(value),
                    pats.iter().zip(blocks).map(arm).collect(),
                )));
                falls
            }
            6 => {
                let other = self.exit_block();
                let text = if self.slips() { "Ok(Ok(x))" } else { "Ok(x)" };
                stmts.push(Stmt::Let(Pat::Result(true, text), Some(value), Some(other)));
                self.scope[at].live = false;
                true
            }
            5 if self.chance(0.5) => {
                // Nobody looks how it went.
                stmts.push(match self.rng.u8(..3) {
                    0 => Stmt::Expr(value),
                    1 => Stmt::Expr(Expr::Is(true, Box::new(value))),
                    _ => Stmt::Let(Pat::Wild, Some(value), None),
                });
                if self.careful() {
                    stmts.push(Stmt::Expr(Expr::Look(var, "$.abort()")));
                    let value = Box::new(self.moved(at));
                    stmts.push(Stmt::Let(
                        Pat::Wild,
                        Some(Expr::Join("$.await", value)),
                        None,
                    ));
                }
                true
            }
            7 if self.slips() => {
                stmts.push(Stmt::Let(
                    Pat::Any("x"),
                    Some(Expr::Try(Box::new(value))),
                    None,
                ));
                self.scope[at].live = false;
                true
            }
            _ => {
                let label = self.target(true, false);
                let branch = self.grown();
                let start = self.scope.clone();
                let falls = self.close(
                    stmts,
                    label,
                    Looping::While(vec![Cond::Test(Expr::Is(false, Box::new(value)))]),
                    branch,
                );
                if self.scope.len() == start.len() && self.scope[at].have == Have::Yes {
                    self.scope[at].live &= !self.chance(0.8);
                }
                falls
            }
        }
    }

    pub(super) fn select(&mut self, stmts: &mut Vec<Stmt>) -> bool {
        let (arms, falls) = self.select_arms(false);
        stmts.push(Stmt::Expr(arms));
        falls
    }

    pub(super) fn select_loop(&mut self, stmts: &mut Vec<Stmt>) -> bool {
        let label = self.target(true, false);
        let size = self.rng.usize(..2);
        let branch = self.branch(size, |grower, stmts| {
            let (arms, falls) = grower.select_arms(true);
            stmts.push(Stmt::Expr(arms));
            falls
        });
        self.close(stmts, label, Looping::Forever, branch)
    }

    /// The arms; in a loop, one that has a handle leaves it.
    pub(super) fn select_arms(&mut self, in_loop: bool) -> (Expr, bool) {
        let count = self.rng.usize(2..4);
        let mut heads: Vec<(Operand, Option<Var>)> = Vec::new();
        for _ in 0..count {
            let named: Vec<Var> = heads.iter().filter_map(|(_, var)| *var).collect();
            let free = self
                .find(|entry| entry.ty == Ty::Task && entry.live && !named.contains(&entry.var));
            heads.push(match (self.rng.u8(..6), free) {
                (0..3, Some(at)) if in_loop || !self.slips() => {
                    let var = self.scope[at].var;
                    (Operand::Mut(var), Some(var))
                }
                (0..3, Some(at)) => (Operand::Value(self.moved(at)), None),
                (3, _) if self.slips() => (Operand::Value(self.spawn()), None),
                _ => (
                    Operand::Value(Expr::Plain(self.text(&[
                        "inbox.recv()",
                        "step()",
                        "token.cancelled()",
                    ]))),
                    None,
                ),
            });
        }
        let last = self.chance(0.15);
        let (mut blocks, falls) = self.branches(count + usize::from(last), |grower, arm| {
            let size = grower.size();
            let joined = heads.get(arm).and_then(|head| head.1);
            let leave = in_loop && joined.is_some() && grower.careful();
            grower.branch(size, |grower, stmts| {
                if let Some(entry) = grower
                    .scope
                    .iter_mut()
                    .find(|entry| Some(entry.var) == joined)
                {
                    entry.live = false;
                }
                if leave {
                    let outside = grower.targets.last().map_or(0, |target| target.start.len());
                    grower.settle(outside, stmts);
                    let scope = grower.scope[..outside].to_vec();
                    grower
                        .targets
                        .last_mut()
                        .expect("the loop is open")
                        .breaks
                        .push(scope);
                    stmts.push(Stmt::Expr(Expr::Break(None, None)));
                }
                !leave
            })
        });
        let other = if last { blocks.pop() } else { None };
        let arms = heads.into_iter().zip(blocks).map(|((future, _), body)| {
            let pat = self.text(&["_", "done", "result"]);
            SelectArm {
                pat,
                future,
                guard: self.chance(0.1),
                body,
            }
        });
        let arms = arms.collect();
        let head = self.text(&["tokio::select! {", "select! {", "tokio::select! { biased;"]);
        (Expr::Select(head, arms, other), falls)
    }
}
