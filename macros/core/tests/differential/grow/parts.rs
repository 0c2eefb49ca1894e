//! Parts of what has several handles, and futures of them.

use super::{Grower, Have, Ty};
use crate::tree::{Cond, Expr, Grouping, Looping, Operand, Pat, SelectArm, Stmt, Text};

/// Futures of one handle.
const ADAPTORS: &[Text] = &[
    "$.map(|done| done.unwrap())",
    "$.fuse()",
    "FutureExt::map($, note)",
    "$.boxed()",
];

impl Grower<'_> {
    /// A future of a handle in place of the handle.
    pub(super) fn adapt(&mut self, stmts: &mut Vec<Stmt>) {
        let value = match self.find(|entry| entry.ty == Ty::Task) {
            Some(at) => self.moved(at),
            None => self.spawn(),
        };
        let value = Expr::Wrap(self.text(ADAPTORS), Box::new(value));
        if self.slips() {
            return stmts.push(Stmt::Expr(value));
        }
        let var = self.name(Ty::Task);
        stmts.push(Stmt::Let(Pat::Var(var), Some(value), None));
        self.declare(var, Ty::Task, true);
    }

    /// A future of all handles of a collection that may be dropped before its end.
    pub(super) fn all(&mut self, stmts: &mut Vec<Stmt>) {
        let at = self.find(|entry| matches!(entry.ty, Ty::Vec | Ty::Array));
        let (Some(at), true) = (at, self.slips()) else {
            return self.collection(stmts);
        };
        let value = self.moved(at);
        if self.chance(0.3) {
            let text = self.text(&[
                "try_join_all($).await",
                "futures::future::try_join_all($).await",
            ]);
            return stmts.push(Stmt::Expr(Expr::LetGo(text, Box::new(value))));
        }
        let text = self.text(&["join_all($)", "futures::future::join_all($)"]);
        let all = Expr::Wrap(text, Box::new(value));
        stmts.push(Stmt::Expr(if self.chance(0.5) {
            Expr::LetGo("timeout(limit, $).await", Box::new(all))
        } else {
            let arm = |pat, future| SelectArm {
                pat,
                future,
                guard: false,
                body: crate::tree::Block::default(),
            };
            let stop = Operand::Value(Expr::Plain("token.cancelled()"));
            let arms = vec![arm("done", Operand::Value(all)), arm("_", stop)];
            Expr::Select("tokio::select! {", arms, None)
        }));
    }

    /// `select(a, b).await`
    pub(super) fn race(&mut self, stmts: &mut Vec<Stmt>) {
        if !self.slips() {
            return self.use_one(stmts);
        }
        let one = match self.find(|entry| entry.ty == Ty::Task) {
            Some(at) => self.moved(at),
            None => self.spawn(),
        };
        let other = if self.chance(0.5) {
            Expr::Plain("pin!(step())")
        } else {
            self.spawn()
        };
        stmts.push(Stmt::Expr(Expr::Race(vec![one, other])));
    }

    /// The old value of a variable that gets a new one.
    pub(super) fn replace(&mut self, stmts: &mut Vec<Stmt>) {
        let Some(at) = self.find(|entry| matches!(entry.ty, Ty::Task | Ty::Option | Ty::Vec))
        else {
            return self.bind(stmts);
        };
        let (var, ty) = (self.scope[at].var, self.scope[at].ty);
        let (old, old_ty) = match ty {
            Ty::Vec => (Expr::TakeAll(var), Ty::Vec),
            Ty::Option => (
                Expr::Replace(var, "$.replace(", Box::new(self.spawn())),
                Ty::Option,
            ),
            _ => {
                let text = self.text(&["std::mem::replace(&mut $, ", "mem::replace(&mut $, "]);
                (Expr::Replace(var, text, Box::new(self.spawn())), Ty::Task)
            }
        };
        let live = std::mem::replace(&mut self.scope[at].live, ty != Ty::Vec);
        if !live || self.slips() {
            return stmts.push(Stmt::Expr(old));
        }
        if old_ty == Ty::Task && self.chance(0.5) {
            return stmts.push(Stmt::Expr(Expr::Join("$.await", Box::new(old))));
        }
        let var = self.name(old_ty);
        stmts.push(Stmt::Let(Pat::Mut(var), Some(old), None));
        self.declare(var, old_ty, true);
    }

    /// One item of a collection, and no other.
    pub(super) fn pick(&mut self, stmts: &mut Vec<Stmt>) {
        let at = self.find(|entry| matches!(entry.ty, Ty::Vec | Ty::Array));
        let (Some(at), true) = (at, self.slips()) else {
            return self.use_one(stmts);
        };
        let var = self.scope[at].var;
        if self.scope[at].ty == Ty::Vec && self.chance(0.4) {
            let (after, keeps) = if self.chance(0.5) {
                ("truncate(1)", true)
            } else {
                ("clear()", false)
            };
            self.scope[at].live &= keeps;
            return stmts.push(Stmt::Expr(Expr::Lose(var, "$.", after, keeps)));
        }
        self.moved(at);
        if self.chance(0.3) {
            let before = "$.into_iter().for_each(|h| ";
            return stmts.push(Stmt::Expr(Expr::Lose(var, before, "h.abort())", false)));
        }
        let text = self.text(&["$.into_iter().next()", "$.into_iter().last()"]);
        let first = self.name(Ty::Option);
        stmts.push(Stmt::Let(
            Pat::Mut(first),
            Some(Expr::Pick(var, text)),
            None,
        ));
        self.declare(first, Ty::Option, true);
    }

    /// `let _ = option.map(|h| h.abort());`
    pub(super) fn map_away(&mut self, stmts: &mut Vec<Stmt>) {
        let at = self.find(|entry| entry.ty == Ty::Option && entry.live);
        let (Some(at), true) = (at, self.slips()) else {
            return self.option(stmts);
        };
        let var = self.scope[at].var;
        self.moved(at);
        let before = self.text(&["let _ = $.map(|h| ", "$.map(|h| "]);
        stmts.push(Stmt::Expr(Expr::Lose(var, before, "h.abort())", false)));
    }

    /// A closure that spawns, and calls of it.
    pub(super) fn starter(&mut self, stmts: &mut Vec<Stmt>) {
        if let Some(at) = self.find(|entry| entry.ty == Ty::Start) {
            let entry = &self.scope[at];
            let start = Expr::Start(entry.var, entry.site);
            if self.slips() {
                return stmts.push(Stmt::Expr(start));
            }
            let var = self.name(Ty::Task);
            stmts.push(Stmt::Let(Pat::Var(var), Some(start), None));
            return self.declare(var, Ty::Task, true);
        }
        let var = self.name(Ty::Start);
        self.sites += 1;
        let site = self.sites - 1;
        stmts.push(Stmt::Let(Pat::Var(var), Some(Expr::Starter(site)), None));
        self.declare(var, Ty::Start, false);
        if let Some(entry) = self.scope.last_mut() {
            entry.site = site;
        }
    }

    /// The fields of a tuple or a struct, of which a pattern takes some.
    pub(super) fn fields(&mut self, stmts: &mut Vec<Stmt>) {
        if self.chance(0.4)
            && let Some(at) = self.find(|entry| entry.ty == Ty::Pair)
        {
            // What is not taken is still there, and nobody joins it.
            let whole = self.careful();
            let (one, other) = (self.name(Ty::Task), self.fresh_task());
            let pair = self.moved(at);
            let other = if whole { Pat::Var(other) } else { Pat::Wild };
            let pats = vec![Pat::Var(one), other.clone()];
            stmts.push(Stmt::Let(Pat::Tuple(pats), Some(pair), None));
            self.declare(one, Ty::Task, true);
            if let Pat::Var(other) = other {
                self.declare(other, Ty::Task, true);
            }
            return;
        }
        let leak = self.slips();
        let (first, second) = (self.value(), if leak { self.value() } else { self.plain() });
        let var = self.name(Ty::Task);
        let pats = vec![Pat::Var(var)];
        let (pat, grouping) = if self.chance(0.5) {
            (Pat::Head(pats), Grouping::Tuple)
        } else {
            (Pat::Fields(pats), Grouping::Struct)
        };
        let value = Expr::Group(grouping, vec![first, second]);
        stmts.push(Stmt::Let(pat, Some(value), None));
        self.declare(var, Ty::Task, true);
    }

    fn fresh_task(&mut self) -> usize {
        self.vars.push(format!("task_{}", self.vars.len()));
        self.vars.len() - 1
    }

    /// A handle in a tuple in an option, taken out of it by a pattern.
    pub(super) fn nested_option(&mut self, stmts: &mut Vec<Stmt>) -> bool {
        let last = self.name(Ty::Shy);
        let pair = Expr::Group(Grouping::Tuple, vec![self.value(), Expr::Plain("n")]);
        let some = Expr::Group(Grouping::Some, vec![pair]);
        stmts.push(Stmt::Let(Pat::Mut(last), Some(some), None));
        self.declare(last, Ty::Shy, false);
        if let Some(entry) = self.scope.last_mut() {
            entry.have = Have::No;
        }
        let inside = self.name(Ty::Task);
        let count = if self.chance(0.5) {
            Pat::Wild
        } else {
            Pat::Any("x")
        };
        let pat = Pat::Some(Box::new(Pat::Tuple(vec![Pat::Var(inside), count])));
        let (mut blocks, falls) = self.branches(2, |grower, at| {
            if at > 0 {
                return grower.branch(0, |_, _| true);
            }
            let size = grower.rng.usize(..3);
            grower.branch(size, |grower, _| {
                grower.declare(inside, Ty::Task, true);
                true
            })
        });
        blocks.truncate(1);
        let conds = vec![Cond::Let(pat, Expr::Var(last))];
        let then = blocks.pop().unwrap_or_default();
        stmts.push(Stmt::Expr(Expr::If(conds, then, None)));
        falls
    }

    /// The outputs of a stream, one after the other.
    pub(super) fn drain_stream(&mut self, stmts: &mut Vec<Stmt>) -> bool {
        let Some(at) = self.find(|entry| entry.ty == Ty::Unordered) else {
            self.put(stmts);
            return true;
        };
        let var = self.scope[at].var;
        let done = Pat::Some(Box::new(Pat::Any("done")));
        let label = self.target(true, false);
        let branch = self.grown();
        let kind = Looping::While(vec![Cond::Let(done, Expr::Next(var))]);
        self.close(stmts, label, kind, branch)
    }
}
