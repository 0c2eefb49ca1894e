//! Where handles come from, and where they go.

use super::{Entry, Grower, Have, Ty};
use crate::tree::{Block, Cond, Expr, Grouping, Holder, Pat, Stmt, Text, Var};

const LETS_GO: &[Text] = &[
    "drop($)",
    "std::mem::drop($)",
    "std::mem::forget($)",
    "mem::forget($)",
    "_ = $",
    "timeout(limit, $).await",
    "tokio::time::timeout(limit, $).await",
];
const LOOKS: &[Text] = &[
    "$.is_finished()",
    "$.abort()",
    "$.abort()",
    "peek(&$)",
    "println!(\"{:?}\", $)",
    "tracked.push($.abort_handle())",
    "assert!(!$.is_finished())",
];

impl Grower<'_> {
    /// A call that starts a task.
    pub(super) fn spawn(&mut self) -> Expr {
        let future = match self.rng.u8(..12) {
            0 => Expr::Hand(Holder::Call, vec![self.plain()]),
            1 if self.careful() => {
                match self.find(|entry| matches!(entry.ty, Ty::Task | Ty::Vec | Ty::Option)) {
                    Some(at) => Expr::Hand(Holder::Call, vec![self.moved(at)]),
                    None => Expr::Plain("work(n)"),
                }
            }
            2 | 3 if self.depth < 3 => Expr::Inner(self.block_of("async move ")),
            4 => Expr::Plain("async move { loop { step().await; } }"),
            _ => Expr::Plain("work(n)"),
        };
        let paths = [
            "tokio::spawn",
            "tokio::spawn",
            "tokio::spawn",
            "tokio::task::spawn",
            "rejoin::spawn",
            "::tokio::task::spawn_local",
            "tokio::runtime::Handle::current().spawn",
        ];
        if self.chance(0.08) {
            return self.tracked();
        }
        let site = self.sites;
        self.sites += 1;
        Expr::Spawn(site, self.text(&paths), Box::new(future))
    }

    /// A call of a function that gives a handle.
    fn tracked(&mut self) -> Expr {
        let path = self.text(&["start_worker", "Pool::start", "open", "connect"]);
        let call = self.call(path);
        if path == "connect" && self.may_exit() {
            Expr::Try(Box::new(call))
        } else {
            call
        }
    }

    /// A call of what the analysis is told of.
    pub(super) fn call(&mut self, path: Text) -> Expr {
        self.sites += 1;
        let given = Box::new(Expr::Plain("n"));
        Expr::Spawn(self.sites - 1, path, given)
    }

    pub(super) fn thread(&mut self) -> Expr {
        self.sites += 1;
        let path = self.text(&["std::thread::spawn", "::std::thread::spawn"]);
        Expr::Spawn(self.sites - 1, path, Box::new(Expr::Plain("|| compute()")))
    }

    /// Something whose value is the handle of a task.
    pub(super) fn value(&mut self) -> Expr {
        let choice = if self.depth > 3 || self.sites > 30 {
            0
        } else {
            self.rng.u8(..22)
        };
        match choice {
            14 | 15 => match self.find(|entry| entry.ty == Ty::Task) {
                Some(at) => self.moved(at),
                None => self.spawn(),
            },
            16..=21 => self.value_of_flow(),
            _ => self.spawn(),
        }
    }

    /// `let h = …;`
    pub(super) fn bind(&mut self, stmts: &mut Vec<Stmt>) {
        if self.chance(0.04) {
            // Of somebody else; it may have one of ours later.
            let var = self.name(Ty::Task);
            stmts.push(Stmt::Let(
                Pat::Mut(var),
                Some(Expr::Plain("start(n)")),
                None,
            ));
            return self.declare(var, Ty::Task, false);
        }
        let (init, ty) = if self.chance(0.12) {
            (self.thread(), Ty::Thread)
        } else {
            (self.value(), Ty::Task)
        };
        let var = self.name(ty);
        let pat = if self.chance(0.2) {
            Pat::Mut(var)
        } else {
            Pat::Var(var)
        };
        stmts.push(Stmt::Let(pat, Some(init), None));
        self.declare(var, ty, true);
    }

    /// A task that nobody can join.
    pub(super) fn discard(&mut self, stmts: &mut Vec<Stmt>) {
        if !self.slips() {
            return self.bind(stmts);
        }
        let value = self.value();
        stmts.push(match self.rng.u8(..10) {
            0..3 => Stmt::Expr(value),
            3 => Stmt::Let(Pat::Wild, Some(value), None),
            4 => Stmt::Expr(Expr::LetGo("$.abort()", Box::new(value))),
            5 => {
                self.vars.push("_unused".to_owned());
                let pat = Pat::Var(self.vars.len() - 1);
                self.declare(self.vars.len() - 1, Ty::Shy, false);
                Stmt::Let(pat, Some(value), None)
            }
            6 => {
                let var = self.name(Ty::Shy);
                self.declare(var, Ty::Shy, false);
                Stmt::Let(Pat::Ref(var), Some(value), None)
            }
            7 => Stmt::Let(
                Pat::Wild,
                Some(Expr::Group(Grouping::Some, vec![value])),
                None,
            ),
            _ => Stmt::Expr(Expr::LetGo(self.text(LETS_GO), Box::new(value))),
        });
    }

    /// `(a, b) = (…, …);`
    pub(super) fn assign_all(&mut self, stmts: &mut Vec<Stmt>) {
        let (mut vars, mut values) = (Vec::new(), Vec::new());
        for _ in 0..2 {
            let named = vars.clone();
            let free = |entry: &Entry| {
                entry.ty == Ty::Task && !entry.live && !named.contains(&Some(entry.var))
            };
            if let Some(at) = self.find_named(free) {
                vars.push(Some(self.scope[at].var));
                values.push(self.value());
                self.scope[at].have = Have::Yes;
                self.scope[at].live = true;
            } else {
                vars.push(None);
                let leak = self.slips();
                values.push(if leak { self.value() } else { self.plain() });
            }
        }
        stmts.push(Stmt::Expr(Expr::AssignAll(
            vars,
            Box::new(Expr::Group(Grouping::Tuple, values)),
        )));
    }

    /// `let (a, b) = (…, …);`
    pub(super) fn take_apart(&mut self, stmts: &mut Vec<Stmt>) {
        let (mut pats, mut values, mut new) = (Vec::new(), Vec::new(), Vec::new());
        let both = self.chance(0.1);
        let count = if both { 2 } else { self.rng.usize(2..4) };
        for _ in 0..count {
            let plain = !both && self.chance(0.25);
            if !both {
                values.push(if plain { self.plain() } else { self.value() });
            }
            pats.push(if plain {
                Pat::Any("x")
            } else if self.careful() {
                let mut var = self.name(Ty::Task);
                if new
                    .iter()
                    .any(|other: &Var| self.vars[*other] == self.vars[var])
                {
                    self.vars.push(format!("task_{}", self.vars.len()));
                    var = self.vars.len() - 1;
                }
                new.push(var);
                Pat::Var(var)
            } else {
                Pat::Wild
            });
        }
        if both {
            let call = self.call("both");
            stmts.push(Stmt::Let(Pat::Tuple(pats), Some(call), None));
        } else if self.chance(0.25) && pats.iter().all(|pat| !matches!(pat, Pat::Any(_))) {
            stmts.push(Stmt::Let(
                Pat::Slice(pats),
                Some(Expr::Group(Grouping::Parts, values)),
                None,
            ));
        } else {
            if pats.iter().filter(|pat| matches!(pat, Pat::Any(_))).count() > 1 {
                let plain = pats.iter_mut().filter(|pat| matches!(pat, Pat::Any(_)));
                plain
                    .zip(["x", "y", "z"])
                    .for_each(|(pat, name)| *pat = Pat::Any(name));
            }
            stmts.push(Stmt::Let(
                Pat::Tuple(pats),
                Some(Expr::Group(Grouping::Tuple, values)),
                None,
            ));
        }
        for var in new {
            self.declare(var, Ty::Task, true);
        }
    }

    /// Joins something, in the middle of a block.
    pub(super) fn use_one(&mut self, stmts: &mut Vec<Stmt>) {
        if let Some(at) = self.find(|entry| entry.live) {
            let stmt = self.join(at);
            stmts.push(stmt);
        } else {
            self.bind(stmts);
        }
    }

    /// Lets a task go that somebody had to join.
    pub(super) fn bad(&mut self, stmts: &mut Vec<Stmt>) {
        if !self.slips() {
            return self.use_one(stmts);
        }
        let Some(at) = self.find(|entry| entry.live) else {
            return self.discard(stmts);
        };
        let task = self.scope[at].ty == Ty::Task;
        let value = self.moved(at);
        stmts.push(match self.rng.u8(..8) {
            0 => Stmt::Let(Pat::Wild, Some(value), None),
            1 => Stmt::Let(
                Pat::Wild,
                Some(Expr::Group(Grouping::Tuple, vec![value, self.plain()])),
                None,
            ),
            2 => {
                let stmt = Stmt::Expr(Expr::LetGo("drop($)", Box::new(value)));
                Stmt::Expr(Expr::Block(
                    None,
                    Block {
                        stmts: vec![stmt],
                        tail: None,
                    },
                ))
            }
            _ => Stmt::Expr(Expr::LetGo(
                self.text(if task { LETS_GO } else { &LETS_GO[..4] }),
                Box::new(value),
            )),
        });
    }

    /// Looks at a variable, which changes nothing.
    pub(super) fn look(&mut self, stmts: &mut Vec<Stmt>) {
        let Some(at) = self.find(|entry| {
            !matches!(
                entry.ty,
                Ty::Unordered | Ty::Flag | Ty::Outcome | Ty::Answer | Ty::Start
            )
        }) else {
            return;
        };
        if self.scope[at].ty == Ty::Option && self.inner == 0 && self.chance(0.4) {
            let option = Expr::Var(self.scope[at].var);
            let inside = self.name(Ty::Shy);
            let look = Stmt::Expr(Expr::Look(inside, self.text(&["$.abort()", "peek($)"])));
            let conds = vec![Cond::Let(Pat::Some(Box::new(Pat::Ref(inside))), option)];
            return stmts.push(Stmt::Expr(Expr::If(
                conds,
                Block {
                    stmts: vec![look],
                    tail: None,
                },
                None,
            )));
        }
        let text = match self.scope[at].ty {
            Ty::Task => self.text(LOOKS),
            Ty::Thread | Ty::Shy => self.text(&["$.is_finished()", "peek(&$)", "let glance = &$"]),
            Ty::Pair => "peek(&$)",
            Ty::Option => self.text(&[
                "if let Some(h) = &$ { h.abort(); }",
                "let busy = $.is_some()",
                "peek(&$)",
            ]),
            _ => self.text(&[
                "for h in &$ { h.abort(); }",
                "for h in $.iter() { h.abort(); }",
                "note($.len())",
            ]),
        };
        let text = if self.scope[at].ty == Ty::Map {
            "note($.len())"
        } else {
            text
        };
        stmts.push(Stmt::Expr(Expr::Look(self.scope[at].var, text)));
    }

    /// A new value for a variable.
    pub(super) fn overwrite(&mut self, stmts: &mut Vec<Stmt>) {
        let kinds = |ty| matches!(ty, Ty::Task | Ty::Option | Ty::Vec);
        let Some(at) = self.find_named(|entry| kinds(entry.ty)) else {
            return;
        };
        let entry = &self.scope[at];
        if entry.live && entry.have != Have::No && self.careful() {
            return self.use_one(stmts);
        }
        let (value, live) = match self.scope[at].ty {
            Ty::Task => (self.value(), true),
            Ty::Option => (Expr::Plain("None"), false),
            _ => (Expr::Plain("Vec::new()"), false),
        };
        stmts.push(Stmt::Expr(Expr::Assign(
            self.scope[at].var,
            Box::new(value),
        )));
        self.scope[at].have = Have::Yes;
        self.scope[at].live = live;
    }

    /// A join that is not always reached.
    pub(super) fn lazy(&mut self, stmts: &mut Vec<Stmt>) {
        let Some(at) = self.find(|entry| entry.ty == Ty::Task) else {
            return;
        };
        if self.scope[at].live && !self.slips() {
            return self.use_one(stmts);
        }
        let right = Expr::Join(
            self.text(&["take($)", "$.await.is_ok()"]),
            Box::new(self.moved(at)),
        );
        self.scope[at].have = Have::Maybe;
        let operator = self.text(&[" && ", " || "]);
        let left = Expr::Plain(self.text(&["ready()", "(n > 3)"]));
        stmts.push(Stmt::Let(
            Pat::Any("reached"),
            Some(Expr::Lazy(operator, Box::new(left), Box::new(right))),
            None,
        ));
    }
}
