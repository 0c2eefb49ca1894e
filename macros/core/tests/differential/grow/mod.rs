//! Grows random bodies. It knows which variables have a value, so that what it grows passes the borrow checker as far as
//! handles go (the oracle refuses the rest), and roughly which handles still have to be joined, so that with enough care
//! most bodies are free of leaks, and the leaks are few and hidden.

mod finish;
mod flow;
mod handles;
mod inside;
mod joins;
mod known;
mod many;
mod parts;
mod value;
mod wait;

use fastrand::Rng;

pub(super) use self::flow::has_value;
use super::tree::{Block, Body, Expr, Grouping, Label, Pat, Site, Stmt, Text, Var};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ty {
    Task,
    Thread,
    Option,
    Vec,
    Array,
    Map,
    Unordered,
    /// A tuple of two.
    Pair,
    /// A `bool`, an option and a result without a handle: what they say of the variable that has it.
    Flag,
    Outcome,
    Answer,
    /// A closure that spawns.
    Start,
    /// Only there to be looked at.
    Shy,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Have {
    Yes,
    No,
    Maybe,
}

#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) var: Var,
    pub(super) ty: Ty,
    pub(super) have: Have,
    /// Whether it may hold a handle that is not joined.
    pub(super) live: bool,
    /// Out of reach: it belongs to the function around this block or closure.
    pub(super) hidden: bool,
    /// Of a closure: what it spawns.
    pub(super) site: Site,
}

pub(super) type Scope = Vec<Entry>;

pub(super) struct Target {
    pub(super) label: Label,
    pub(super) is_loop: bool,
    /// Whether a `break` has a handle for it.
    pub(super) wants: bool,
    /// Whether it is a loop whose iterator has what it has not come to.
    pub(super) rest: bool,
    pub(super) start: Scope,
    pub(super) breaks: Vec<Scope>,
}

pub(super) struct Branch {
    pub(super) block: Block,
    /// The scope at its end, if it comes to its end.
    pub(super) end: Option<Scope>,
    /// The names that stand before others at its end.
    pub(super) names: Vec<String>,
}

pub(super) struct Grower<'r> {
    pub(super) rng: &'r mut Rng,
    pub(super) vars: Vec<String>,
    pub(super) sites: usize,
    pub(super) labels: usize,
    /// How likely it is that a handle is looked after where it has to be.
    pub(super) care: f64,
    pub(super) budget: usize,
    /// Whether it is mostly loops, exits and assignments.
    loops: bool,
    pub(super) depth: usize,
    pub(super) scope: Scope,
    pub(super) targets: Vec<Target>,
    /// How many closures and async blocks are around.
    pub(super) inner: usize,
}

pub(super) fn grow(rng: &mut Rng) -> Body {
    let care = pick(rng, &[1.0, 1.0, 0.97, 0.95, 0.9, 0.6]);
    let budget = pick(rng, &[2, 4, 6, 8, 10, 14, 20]);
    let loops = rng.u8(..4) == 0;
    let mut grower = Grower {
        rng,
        vars: Vec::new(),
        sites: 0,
        labels: 0,
        care,
        budget,
        loops,
        depth: 0,
        scope: Vec::new(),
        targets: Vec::new(),
        inner: 0,
    };
    let block = grower.function();
    Body {
        vars: grower.vars,
        sites: grower.sites,
        block,
    }
}

pub(super) fn pick<T: Copy>(rng: &mut Rng, all: &[T]) -> T {
    all[rng.usize(..all.len())]
}

impl Grower<'_> {
    fn function(&mut self) -> Block {
        let mut block = Block::default();
        let mut falls = true;
        while falls && self.budget > 0 {
            falls = self.stmt(&mut block.stmts);
        }
        if falls {
            self.finish(&mut block);
        }
        block
    }

    fn visible(&self, at: usize) -> bool {
        let name = |at: usize| &self.vars[self.scope[at].var];
        !self.scope[at].hidden && (at + 1..self.scope.len()).all(|later| name(later) != name(at))
    }

    /// A variable that has a value, and that its name names.
    pub(super) fn find(&mut self, wanted: impl Fn(&Entry) -> bool) -> Option<usize> {
        let fits = |at: &usize| {
            self.scope[*at].have == Have::Yes && wanted(&self.scope[*at]) && self.visible(*at)
        };
        let all: Vec<usize> = (0..self.scope.len()).filter(fits).collect();
        if all.is_empty() {
            None
        } else {
            Some(pick(self.rng, &all))
        }
    }

    /// Any variable that its name names, with a value or without.
    pub(super) fn find_named(&mut self, wanted: impl Fn(&Entry) -> bool) -> Option<usize> {
        let all: Vec<usize> = (0..self.scope.len())
            .filter(|at| wanted(&self.scope[*at]) && self.visible(*at))
            .collect();
        if all.is_empty() {
            None
        } else {
            Some(pick(self.rng, &all))
        }
    }

    /// The variable by value.
    pub(super) fn moved(&mut self, at: usize) -> Expr {
        let entry = &mut self.scope[at];
        entry.have = Have::No;
        entry.live = false;
        Expr::Var(entry.var)
    }

    /// Whether the function may end here.
    pub(super) fn may_exit(&mut self) -> bool {
        let live = self
            .scope
            .iter()
            .any(|entry| !entry.hidden && entry.live && entry.have != Have::No);
        let live = live || self.targets.iter().any(|target| target.rest);
        !live || !self.careful()
    }

    /// Something without handles, which may end the function.
    pub(super) fn plain(&mut self) -> Expr {
        if self.chance(0.3) && self.may_exit() {
            Expr::Try(Box::new(Expr::Plain(self.text(&[
                "load()",
                "load(n).await",
                "this.check(n).await",
            ]))))
        } else {
            Expr::Plain(self.text(&[
                "step()",
                "step().await",
                "n + 1",
                "this.count",
                "this.step(n).await",
                "info!(task = n, h.id = this.h, \"step\")",
                "println!(\"{:?}\", tokio::task::id())",
            ]))
        }
    }

    /// A condition without handles.
    pub(super) fn test(&mut self) -> Expr {
        match self.rng.u8(..9) {
            8 if self.sites < 30 && self.depth < 4 => {
                Expr::Join("$.await.is_ok()", Box::new(self.spawn()))
            }
            0 => {
                if let Some(at) =
                    self.find(|entry| matches!(entry.ty, Ty::Task | Ty::Thread | Ty::Shy))
                {
                    return Expr::Look(self.scope[at].var, "$.is_finished()");
                }
                Expr::Plain("n > 3")
            }
            1 if self.may_exit() => Expr::Try(Box::new(Expr::Plain("check(n)"))),
            3 | 4 => self.ask().unwrap_or(Expr::Plain("this.closed")),
            2 => {
                let right = if self.may_exit() {
                    Expr::Try(Box::new(Expr::Plain("check(n)")))
                } else {
                    Expr::Plain("n == 0")
                };
                let operator = self.text(&[" && ", " || "]);
                Expr::Lazy(operator, Box::new(Expr::Plain("ready()")), Box::new(right))
            }
            _ => Expr::Plain(self.text(&[
                "ready()",
                "n > 3",
                "this.closed",
                "poll().await",
                "!ready()",
            ])),
        }
    }

    /// Joins what is left in the variables from the mark on, as far as care goes.
    pub(super) fn settle(&mut self, mark: usize, stmts: &mut Vec<Stmt>) {
        let mut order: Vec<usize> = (mark..self.scope.len()).collect();
        if self.chance(0.5) {
            order.reverse();
        }
        for at in order {
            let entry = &self.scope[at];
            if entry.live && entry.have == Have::Yes && self.visible(at) && self.careful() {
                let stmt = self.join(at);
                stmts.push(stmt);
            }
        }
    }

    /// A block with a scope of its own.
    pub(super) fn branch(
        &mut self,
        size: usize,
        prepare: impl FnOnce(&mut Self, &mut Vec<Stmt>) -> bool,
    ) -> Branch {
        let mark = self.scope.len();
        self.depth += 1;
        let mut block = Block::default();
        let mut falls = prepare(self, &mut block.stmts);
        for _ in 0..size {
            if !falls || self.budget == 0 {
                break;
            }
            falls = self.stmt(&mut block.stmts);
        }
        if falls {
            self.settle(mark, &mut block.stmts);
        }
        self.depth -= 1;
        let names = self.scope[mark..]
            .iter()
            .map(|entry| self.vars[entry.var].clone())
            .collect();
        self.scope.truncate(mark);
        Branch {
            block,
            end: falls.then(|| self.scope.clone()),
            names,
        }
    }

    /// Comes together after branches that began with the same scope. Tells whether any of them comes to its end.
    pub(super) fn merge(&mut self, start: &Scope, branches: &mut [&mut Branch]) -> bool {
        for at in 0..start.len() {
            let gone = branches.iter().any(|branch| {
                branch
                    .end
                    .as_ref()
                    .is_some_and(|end| end[at].have == Have::No)
            });
            if start[at].have != Have::Yes || !gone {
                continue;
            }
            for branch in branches.iter_mut() {
                let Some(end) = branch.end.take() else {
                    continue;
                };
                self.scope = end;
                let entry = &self.scope[at];
                let free = !branch.names.contains(&self.vars[entry.var]) && self.visible(at);
                if entry.have == Have::Yes && entry.live && free && self.careful() {
                    let stmt = self.join(at);
                    branch.block.stmts.push(stmt);
                }
                branch.end = Some(std::mem::take(&mut self.scope));
            }
        }
        let ends: Vec<&Scope> = branches
            .iter()
            .filter_map(|branch| branch.end.as_ref())
            .collect();
        self.meet(start, &ends)
    }

    /// The scope after paths that ended in these scopes.
    pub(super) fn meet(&mut self, start: &Scope, ends: &[&Scope]) -> bool {
        self.scope.clone_from(start);
        for (at, entry) in self.scope.iter_mut().enumerate() {
            let mut haves = ends.iter().map(|end| end[at].have);
            if let Some(first) = haves.next() {
                entry.have = if haves.all(|have| have == first) {
                    first
                } else {
                    Have::Maybe
                };
                entry.live = ends.iter().any(|end| end[at].live);
            }
        }
        !ends.is_empty()
    }

    /// A statement of those that loops are about.
    fn loop_stmt(&mut self, stmts: &mut Vec<Stmt>) -> bool {
        match self.rng.u8(..20) {
            0..2 => self.bind(stmts),
            2..4 => self.use_one(stmts),
            4..7 => {
                // Another handle for a variable that has lost its own.
                if self.chance(0.7)
                    && let Some(at) = self.find(|entry| entry.ty == Ty::Task && entry.live)
                    && self.careful()
                {
                    let stmt = self.join(at);
                    stmts.push(stmt);
                }
                self.overwrite(stmts);
            }
            7..9 => return self.nested(stmts),
            9..13 => return self.looping(stmts),
            13..16 => return self.if_else(stmts),
            16 => return self.match_some(stmts),
            _ if self.depth > 0 => {
                self.exit(stmts);
                return false;
            }
            _ => stmts.push(Stmt::Expr(self.plain())),
        }
        true
    }

    /// One more statement, or a few that belong together. Tells whether control comes to their end.
    pub(super) fn stmt(&mut self, stmts: &mut Vec<Stmt>) -> bool {
        self.budget = self.budget.saturating_sub(1);
        if self.sites > 40 {
            stmts.push(Stmt::Expr(self.plain()));
            return true;
        }
        let deep = self.depth > 4;
        if self.loops && !deep && self.chance(0.6) {
            return self.loop_stmt(stmts);
        }
        match self.rng.u8(..114) {
            0..6 => stmts.push(Stmt::Expr(self.plain())),
            6 => self.flag(stmts),
            7 => {
                let init = self.plain();
                stmts.push(Stmt::Let(Pat::Any("x"), Some(init), None));
            }
            8..22 => self.bind(stmts),
            22..24 => self.direct(stmts),
            24..25 => self.together(stmts),
            25..26 => self.assign_all(stmts),
            26..28 => self.discard(stmts),
            28..31 => self.take_apart(stmts),
            31..35 => self.use_one(stmts),
            35..37 => self.look(stmts),
            37..39 => self.collection(stmts),
            39..43 => self.put(stmts),
            43..46 => self.option(stmts),
            46..48 => self.overwrite(stmts),
            48..50 => self.join_macro(stmts),
            50..52 => self.lazy(stmts),
            52..54 => self.bad(stmts),
            _ if deep => stmts.push(Stmt::Expr(self.plain())),
            54..56 => return self.late(stmts),
            56..64 => return self.if_else(stmts),
            64..69 => return self.match_some(stmts),
            69..77 => return self.looping(stmts),
            77..79 => return self.nested(stmts),
            79..82 => return self.select(stmts),
            82..84 => return self.select_loop(stmts),
            84..88 => return self.timeout(stmts),
            88..90 => return self.open(stmts),
            90 => self.inner(stmts),
            91..93 => self.closure(stmts),
            93..94 => return self.outcome(stmts),
            94..96 => return self.let_else(stmts),
            100 => self.adapt(stmts),
            101 => self.all(stmts),
            102 => self.race(stmts),
            103..105 => self.replace(stmts),
            105..107 => self.pick(stmts),
            107 => self.map_away(stmts),
            108 => self.starter(stmts),
            109..111 => self.fields(stmts),
            111 => return self.nested_option(stmts),
            112..114 => return self.drain_stream(stmts),
            _ => {
                if self.depth > 0 && self.chance(0.7) {
                    self.exit(stmts);
                    return false;
                }
                stmts.push(Stmt::Expr(self.plain()));
            }
        }
        true
    }
}
