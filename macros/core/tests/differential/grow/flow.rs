//! Branches, loops and exits.

use super::{Branch, Grower, Have, Scope, Target, Ty, pick};
use crate::tree::{Arm, Block, Cond, Expr, Looping, Node, Pat, Stmt};

impl Grower<'_> {
    pub(super) fn size(&mut self) -> usize {
        self.rng.usize(0..4)
    }

    /// Conditions; what matches a pattern binds nothing here.
    pub(super) fn conds(&mut self) -> Vec<Cond> {
        if self.chance(0.7) {
            return vec![Cond::Test(self.test())];
        }
        let mut conds = Vec::new();
        for _ in 0..self.rng.usize(1..4) {
            conds.push(if self.chance(0.5) {
                let pat = Pat::Text(self.text(&["Some(x)", "Ok(x)", "[x, ..]"]));
                Cond::Let(pat, self.plain_value())
            } else {
                Cond::Test(match self.test() {
                    Expr::Lazy(..) => Expr::Plain("ready()"),
                    test => test,
                })
            });
        }
        conds
    }

    /// Something without handles that is no sum, which cannot stand after `let` in a condition.
    pub(super) fn plain_value(&mut self) -> Expr {
        if self.chance(0.3) && self.may_exit() {
            Expr::Try(Box::new(Expr::Plain("load(n).await")))
        } else {
            Expr::Plain(self.text(&["next()", "next().await", "this.items.get(n)"]))
        }
    }

    /// The same, or the end of a task.
    pub(super) fn awaited(&mut self) -> Expr {
        if self.chance(0.25)
            && let Some(at) = self.find(|entry| entry.ty == Ty::Task && entry.live)
        {
            return Expr::Join("$.await", Box::new(self.moved(at)));
        }
        self.plain_value()
    }

    pub(super) fn grown(&mut self) -> Branch {
        let size = self.size();
        self.branch(size, |_, _| true)
    }

    /// Grows one branch after the other, each from the scope that there is now.
    pub(super) fn branches(
        &mut self,
        count: usize,
        mut one: impl FnMut(&mut Self, usize) -> Branch,
    ) -> (Vec<Block>, bool) {
        let start = self.scope.clone();
        let mut branches = Vec::new();
        for at in 0..count {
            self.scope.clone_from(&start);
            branches.push(one(self, at));
        }
        let falls = self.merge(&start, &mut branches.iter_mut().collect::<Vec<_>>());
        (
            branches.into_iter().map(|branch| branch.block).collect(),
            falls,
        )
    }

    pub(super) fn if_else(&mut self, stmts: &mut Vec<Stmt>) -> bool {
        let mut conds = self.conds();
        if self.inner == 0
            && self.chance(0.06)
            && let Some(at) = self.find(|entry| entry.ty == Ty::Option)
        {
            // It only looks.
            let some = Pat::Some(Box::new(Pat::Wild));
            conds = vec![Cond::Let(some, Expr::Var(self.scope[at].var))];
        }
        if self.chance(0.12)
            && let Some(at) = self.find(|entry| entry.ty == Ty::Task && entry.live)
        {
            let first = self.chance(0.5) || !self.slips();
            let value = self.moved(at);
            let test = Cond::Test(Expr::Join(
                self.text(&["$.await.is_ok()", "take($)"]),
                Box::new(value),
            ));
            if first {
                conds = vec![test];
            } else {
                self.scope[at].have = Have::Maybe;
                conds.push(test);
            }
        }
        let arms = self.rng.usize(1..4);
        let mut others = Vec::new();
        let (blocks, falls) = self.branches(arms.max(2), |grower, at| {
            if at > 0 && arms == 1 {
                return grower.branch(0, |_, _| true);
            }
            if at > 0 && at + 1 < arms {
                others.push(vec![Cond::Test(Expr::Plain(
                    grower.text(&["ready()", "n > 5"]),
                ))]);
            }
            grower.grown()
        });
        let mut blocks = blocks.into_iter();
        let then = blocks.next().expect("there is a first");
        let mut rest: Vec<Block> = blocks.collect();
        let mut other = None;
        if let Some(last) = rest.pop()
            && !(arms == 1 && last.stmts.is_empty())
        {
            other = Some(Box::new(Expr::Block(None, last)));
        }
        for (block, conds) in rest.into_iter().rev().zip(others.into_iter().rev()) {
            other = Some(Box::new(Expr::If(conds, block, other)));
        }
        stmts.push(Stmt::Expr(Expr::If(conds, then, other)));
        falls
    }

    pub(super) fn match_some(&mut self, stmts: &mut Vec<Stmt>) -> bool {
        let value = self.awaited();
        let pats = if let Expr::Join(..) = value {
            ["Ok(0)", "Err(_)", "Ok(1) | Ok(2)"]
        } else {
            ["Some(0)", "Some(1) | Some(2)", "None"]
        };
        let count = self.rng.usize(2..5);
        let mut arms = Vec::new();
        let (blocks, falls) = self.branches(count, |grower, at| {
            let last = at + 1 == count;
            let pat = if last { Pat::Wild } else { Pat::Text(pats[at]) };
            let guard = (!last && grower.chance(0.25)).then(|| grower.test());
            arms.push((pat, guard));
            grower.grown()
        });
        let arms = arms
            .into_iter()
            .zip(blocks)
            .map(|((pat, guard), mut block)| {
                let body = match block.stmts.pop() {
                    Some(Stmt::Expr(expr)) if block.stmts.is_empty() && arm_alone(&expr) => expr,
                    last => {
                        block.stmts.extend(last);
                        Expr::Block(None, block)
                    }
                };
                Arm { pat, guard, body }
            });
        let all = Expr::Match(Box::new(value), arms.collect());
        stmts.push(if self.chance(0.2) {
            Stmt::Let(Pat::Any("x"), Some(all), None)
        } else {
            Stmt::Expr(all)
        });
        falls
    }

    pub(super) fn nested(&mut self, stmts: &mut Vec<Stmt>) -> bool {
        if self.chance(0.4) {
            let start = self.scope.clone();
            let mut branch = self.grown();
            stmts.push(Stmt::Expr(Expr::Block(None, branch.block)));
            return self.meet(&start, &branch.end.take().iter().collect::<Vec<_>>());
        }
        let label = self.target(false, false);
        let mut branch = self.grown();
        let Target { start, breaks, .. } = self.targets.pop().expect("it was just pushed");
        let ends: Vec<&Scope> = branch.end.iter().chain(&breaks).collect();
        let falls = self.meet(&start, &ends);
        stmts.push(Stmt::Expr(Expr::Block(
            Some(label),
            std::mem::take(&mut branch.block),
        )));
        falls
    }

    pub(super) fn target(&mut self, is_loop: bool, wants: bool) -> usize {
        let label = self.label();
        self.targets.push(Target {
            label,
            is_loop,
            wants,
            rest: false,
            start: self.scope.clone(),
            breaks: Vec::new(),
        });
        label
    }

    pub(super) fn looping(&mut self, stmts: &mut Vec<Stmt>) -> bool {
        let kind = match self.rng.u8(..6) {
            0 | 1 => Looping::Forever,
            2 => Looping::While(self.conds()),
            3 => Looping::While(vec![Cond::Let(Pat::Text("Some(x)"), self.plain_value())]),
            _ => {
                let items = if self.chance(0.2) && self.may_exit() {
                    Expr::Try(Box::new(Expr::Plain("list()")))
                } else {
                    Expr::Plain("0..n")
                };
                Looping::For(self.text(&["_", "x", "(a, b)"]), Box::new(items))
            }
        };
        let label = self.target(true, false);
        let branch = self.grown();
        self.close(stmts, label, kind, branch)
    }

    /// Ends a loop: a variable that its body took is set again, or the loop is left.
    pub(super) fn close(
        &mut self,
        stmts: &mut Vec<Stmt>,
        label: usize,
        kind: Looping,
        mut branch: Branch,
    ) -> bool {
        let mut target = self.targets.pop().expect("it is open");
        if let Some(end) = branch.end.take() {
            self.scope.clone_from(&end);
            let mut leave = false;
            for (at, (before, after)) in target.start.iter().zip(&end).enumerate() {
                let gone = before.have == Have::Yes && after.have != Have::Yes;
                let free = !branch.names.contains(&self.vars[after.var]);
                let task = after.ty == Ty::Task && after.have == Have::No;
                if gone && task && free && self.chance(0.6) {
                    let assign = Expr::Assign(after.var, Box::new(self.spawn()));
                    branch.block.stmts.push(Stmt::Expr(assign));
                    self.scope[at].have = Have::Yes;
                    self.scope[at].live = true;
                } else {
                    leave |= gone;
                }
            }
            if leave {
                branch.block.stmts.push(Stmt::Expr(Expr::Break(None, None)));
                target.breaks.push(self.scope.clone());
            } else {
                branch.end = Some(self.scope.clone());
            }
        }
        let forever = matches!(kind, Looping::Forever);
        let mut ends: Vec<&Scope> = target.breaks.iter().collect();
        if !forever {
            ends.push(&target.start);
            ends.extend(branch.end.as_ref());
        }
        let used = self.chance(0.1) || names_label(&mut branch.block, label);
        stmts.push(Stmt::Expr(Expr::Loop(
            used.then_some(label),
            kind,
            branch.block,
        )));
        self.meet(&target.start, &ends)
    }

    /// Joins what goes out of scope, and leaves the function, a block or a loop.
    pub(super) fn exit(&mut self, stmts: &mut Vec<Stmt>) {
        let mut choice = self.rng.u8(..10);
        if self.targets.iter().any(|target| target.rest) && self.careful() {
            // An exit would lose what the loop has not come to.
            choice = 0;
        }
        if choice == 0 {
            let text = [
                "panic!(\"never\")",
                "unreachable!()",
                "std::process::exit(1)",
                "todo!()",
                "loop {}",
                "loop { step().await; }",
            ];
            let text = if self.inner > 0 {
                &text[..2]
            } else {
                &text[..]
            };
            return stmts.push(Stmt::Expr(Expr::Diverge(pick(self.rng, text))));
        }
        if choice < 6 && !self.targets.is_empty() {
            let nearest = self.targets.len() - 1;
            let at = if self.chance(0.6) {
                nearest
            } else {
                self.rng.usize(..=nearest)
            };
            let (label, is_loop, wants) = (
                self.targets[at].label,
                self.targets[at].is_loop,
                self.targets[at].wants,
            );
            let outside = self.targets[at].start.len();
            let mut value = None;
            if wants {
                value = Some(Box::new(
                    match self.find(|entry| entry.ty == Ty::Task && entry.live) {
                        Some(at) if self.chance(0.5) => self.moved(at),
                        _ => self.spawn(),
                    },
                ));
            }
            self.settle(outside, stmts);
            let named = at < nearest || !is_loop || self.chance(0.2);
            // What the loop needs on its next round is there; another variable may have been set anew.
            let start = &self.targets[at].start;
            let kept = |i: usize| start[i].have != Have::Yes || self.scope[i].have == Have::Yes;
            let intact = value.is_none() && (0..outside).all(kept);
            if is_loop && intact && self.chance(0.5) {
                return stmts.push(Stmt::Expr(Expr::Continue(named.then_some(label))));
            }
            let scope = self.scope[..outside].to_vec();
            self.targets[at].breaks.push(scope);
            return stmts.push(Stmt::Expr(Expr::Break(named.then_some(label), value)));
        }
        let mut value = None;
        if self.inner == 0 {
            value = Some(Box::new(
                match (
                    self.rng.u8(..4),
                    self.find(|entry| entry.ty == Ty::Task && entry.live),
                ) {
                    (0, Some(at)) => self.moved(at),
                    (1, Some(at)) => Expr::Join("Ok($)", Box::new(self.moved(at))),
                    (2, _) => Expr::Plain("Ok(Answer)"),
                    _ => Expr::Plain("Err(Failure)"),
                },
            ));
        }
        self.settle(0, stmts);
        if let Some(value) = &mut value
            && matches!(**value, Expr::Plain(_))
            && self.chance(0.2)
        {
            **value = Expr::Try(Box::new(Expr::Plain("answer(n)")));
        }
        stmts.push(Stmt::Expr(Expr::Return(value)));
    }

    pub(super) fn exit_block(&mut self) -> Block {
        let start = self.scope.clone();
        let branch = self.branch(0, |grower, stmts| {
            if grower.chance(0.3) {
                stmts.push(Stmt::Expr(grower.plain()));
            }
            grower.exit(stmts);
            false
        });
        self.scope = start;
        branch.block
    }

    pub(super) fn let_else(&mut self, stmts: &mut Vec<Stmt>) -> bool {
        if let Some(at) = self.find(|entry| entry.ty == Ty::Option) {
            // The option is gone where it has no value, too.
            let value = self.moved(at);
            let other = self.exit_block();
            let var = self.name(Ty::Task);
            stmts.push(Stmt::Let(
                Pat::Some(Box::new(Pat::Var(var))),
                Some(value),
                Some(other),
            ));
            self.declare(var, Ty::Task, true);
        } else {
            let pat = Pat::Text(self.text(&["Some(x)", "Ok(x)", "[x, ..]"]));
            let value = self.awaited();
            let other = self.exit_block();
            stmts.push(Stmt::Let(pat, Some(value), Some(other)));
        }
        true
    }

    /// `let h;`, set in branches.
    pub(super) fn late(&mut self, stmts: &mut Vec<Stmt>) -> bool {
        let var = self.name(Ty::Task);
        stmts.push(Stmt::Let(Pat::Var(var), None, None));
        self.declare(var, Ty::Task, false);
        let at = self.scope.len() - 1;
        self.scope[at].have = Have::No;
        let conds = self.conds();
        let (blocks, falls) = self.branches(2, |grower, _| {
            let size = grower.rng.usize(..2);
            grower.branch(size, |grower, stmts| {
                if grower.chance(0.2) {
                    grower.exit(stmts);
                    return false;
                }
                let value = Box::new(grower.value());
                stmts.push(Stmt::Expr(Expr::Assign(var, value)));
                grower.scope[at].have = Have::Yes;
                grower.scope[at].live = true;
                true
            })
        });
        let mut blocks = blocks.into_iter();
        let (then, other) = (
            blocks.next().unwrap_or_default(),
            blocks.next().unwrap_or_default(),
        );
        stmts.push(Stmt::Expr(Expr::If(
            conds,
            then,
            Some(Box::new(Expr::Block(None, other))),
        )));
        falls
    }
}

/// Whether the expression can be the body of an arm as it is.
fn arm_alone(expr: &Expr) -> bool {
    match expr {
        Expr::Join(text, _)
        | Expr::LetGo(text, _)
        | Expr::Look(_, text)
        | Expr::Lose(_, text, ..)
        | Expr::Through(_, text) => {
            !text.starts_with("let ")
                && !text.starts_with("for ")
                && !text.starts_with("if ")
                && !text.starts_with("while ")
        }
        // The value of a statement is dropped, that of an arm is the value of the `match`.
        expr => !has_value(expr),
    }
}

/// Whether a statement can have a handle as its value.
pub(crate) fn has_value(expr: &Expr) -> bool {
    let tail = |block: &Block| block.tail.is_some();
    match expr {
        Expr::Spawn(..)
        | Expr::Collect(..)
        | Expr::Var(_)
        | Expr::Group(..)
        | Expr::TakeOut(_)
        | Expr::Pop(_)
        | Expr::Pick(..)
        | Expr::TakeAll(_)
        | Expr::Replace(..)
        | Expr::Wrap(..)
        | Expr::Race(_)
        | Expr::Start(..) => true,
        Expr::Try(inner) => has_value(inner),
        Expr::If(_, then, other) => tail(then) || other.as_deref().is_some_and(has_value),
        Expr::Match(_, arms) => arms.iter().any(|arm| has_value(&arm.body)),
        Expr::Block(_, body) | Expr::Loop(_, Looping::Forever, body) => {
            tail(body) || breaks_with_value(&mut body.clone())
        }
        Expr::Select(_, arms, other) => {
            arms.iter().any(|arm| tail(&arm.body)) || other.as_ref().is_some_and(tail)
        }
        _ => false,
    }
}

/// Whether something in the block leaves it, or a loop in it, with a value.
fn breaks_with_value(block: &mut Block) -> bool {
    let mut nodes = block.nodes();
    while let Some(node) = nodes.pop() {
        match node {
            Node::Block(block) => nodes.extend(block.nodes()),
            Node::Expr(Expr::Break(_, Some(_))) => return true,
            Node::Expr(expr) => nodes.extend(expr.nodes()),
        }
    }
    false
}

/// Whether something in the block leaves the loop with this label by its name.
fn names_label(block: &mut Block, label: usize) -> bool {
    let mut nodes = block.nodes();
    while let Some(node) = nodes.pop() {
        match node {
            Node::Block(block) => nodes.extend(block.nodes()),
            Node::Expr(Expr::Break(Some(to), _) | Expr::Continue(Some(to))) if *to == label => {
                return true;
            }
            Node::Expr(expr) => nodes.extend(expr.nodes()),
        }
    }
    false
}
