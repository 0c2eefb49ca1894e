//! Collections, options and tuples of handles.

use super::{Grower, Have, Ty};
use crate::tree::{Arm, Block, Cond, Expr, Grouping, Looping, Pat, Stmt};

impl Grower<'_> {
    pub(super) fn join_option(&mut self, at: usize) -> Stmt {
        let var = self.scope[at].var;
        let inside = self.name(Ty::Task);
        let body = Stmt::Expr(Expr::Join(
            self.text(&["$.await", "take($)"]),
            Box::new(Expr::Var(inside)),
        ));
        let then = Block {
            stmts: vec![body],
            tail: None,
        };
        let some = Pat::Some(Box::new(Pat::Var(inside)));
        Stmt::Expr(match self.rng.u8(..7) {
            0 => Expr::Join("take($)", Box::new(self.moved(at))),
            1 => {
                self.scope[at].live = false;
                let text = self.text(&[
                    "if let Some(h) = &mut $ { let _ = h.await; }",
                    "if let Some(h) = $.as_mut() { let _ = h.await; }",
                ]);
                Expr::Through(var, text)
            }
            2 => {
                self.scope[at].live = false;
                Expr::Loop(
                    None,
                    Looping::While(vec![Cond::Let(some, Expr::TakeOut(var))]),
                    then,
                )
            }
            3 => {
                self.scope[at].live = false;
                Expr::If(vec![Cond::Let(some, Expr::TakeOut(var))], then, None)
            }
            4 => {
                let found = Arm {
                    pat: some,
                    guard: None,
                    body: Expr::Block(None, then),
                };
                let none = Arm {
                    pat: Pat::None,
                    guard: None,
                    body: Expr::Plain("{}"),
                };
                Expr::Match(
                    Box::new(self.moved(at)),
                    if self.chance(0.5) {
                        vec![found, none]
                    } else {
                        vec![none, found]
                    },
                )
            }
            _ => Expr::If(vec![Cond::Let(some, self.moved(at))], then, None),
        })
    }

    pub(super) fn join_collection(&mut self, at: usize) -> Stmt {
        let var = self.scope[at].var;
        let ty = self.scope[at].ty;
        let element = self.name(Ty::Task);
        let text = self.text(&["$.await", "take($)", "let _ = $.await", "$.await.unwrap()"]);
        let body = Stmt::Expr(Expr::Join(text, Box::new(Expr::Var(element))));
        let block = Block {
            stmts: vec![body],
            tail: None,
        };
        Stmt::Expr(match (self.rng.u8(..10), ty) {
            (0, _) => Expr::Join("take($)", Box::new(self.moved(at))),
            (9, Ty::Vec) => {
                // So many times as there are handles.
                self.scope[at].live = false;
                let text = self.text(&["$.unwrap().await", "take($)"]);
                let body = Stmt::Expr(Expr::Join(text, Box::new(Expr::Pop(var))));
                Expr::Loop(
                    None,
                    self.rounds(),
                    Block {
                        stmts: vec![body],
                        tail: None,
                    },
                )
            }
            (1 | 2, Ty::Vec | Ty::Array) => {
                let text = self.text(&[
                    "join_all($).await",
                    "futures::future::join_all($).await",
                    "join_all($.into_iter()).await",
                ]);
                Expr::Join(text, Box::new(self.moved(at)))
            }
            (3, Ty::Vec) => {
                self.scope[at].live = false;
                let some = Pat::Some(Box::new(Pat::Var(element)));
                Expr::Loop(
                    None,
                    Looping::While(vec![Cond::Let(some, Expr::Pop(var))]),
                    block,
                )
            }
            (4, Ty::Vec) => {
                self.scope[at].live = false;
                Expr::Loop(None, Looping::Drain(element, var), block)
            }
            (5, Ty::Vec | Ty::Array) => {
                self.scope[at].live = false;
                let text = self.text(&[
                    "for h in &mut $ { let _ = h.await; }",
                    "for h in $.iter_mut() { let _ = h.await; }",
                ]);
                Expr::Through(var, text)
            }
            (_, Ty::Map) => {
                self.moved(at);
                Expr::Loop(None, Looping::Each(element, "$.into_values()", var), block)
            }
            _ => {
                self.moved(at);
                let text = self.text(&["$", "$", "$.into_iter()"]);
                Expr::Loop(None, Looping::Each(element, text, var), block)
            }
        })
    }

    /// A loop that counts.
    pub(super) fn rounds(&mut self) -> Looping {
        if self.chance(0.5) {
            Looping::For("_", Box::new(Expr::Plain("0..n")))
        } else {
            Looping::While(vec![Cond::Test(Expr::Plain("n > 0"))])
        }
    }

    /// A new collection.
    pub(super) fn collection(&mut self, stmts: &mut Vec<Stmt>) {
        let (ty, init, live) = match self.rng.u8(..9) {
            8 if self.chance(0.7) => (Ty::Vec, self.call("crew"), true),
            8 => (Ty::Pair, self.call("both"), true),
            0 => (
                Ty::Vec,
                Expr::Group(Grouping::Vec, vec![self.value(), self.value()]),
                true,
            ),
            1 => (
                Ty::Array,
                Expr::Group(Grouping::Array, vec![self.value(), self.value()]),
                true,
            ),
            2 => {
                self.sites += 1;
                (
                    Ty::Vec,
                    Expr::Collect(self.sites - 1, "(0..n).map(|i| ", ").collect::<Vec<_>>()"),
                    true,
                )
            }
            3 => (Ty::Unordered, Expr::Plain("FuturesUnordered::new()"), false),
            4 => (
                Ty::Pair,
                Expr::Group(Grouping::Tuple, vec![self.value(), self.value()]),
                true,
            ),
            5 => (Ty::Map, Expr::Plain("HashMap::new()"), false),
            _ => (
                Ty::Vec,
                Expr::Plain(self.text(&["Vec::new()", "Vec::with_capacity(4)", "vec![]"])),
                false,
            ),
        };
        let var = self.name(ty);
        stmts.push(Stmt::Let(Pat::Mut(var), Some(init), None));
        self.declare(var, ty, live);
    }

    /// Something into a collection or an option.
    pub(super) fn put(&mut self, stmts: &mut Vec<Stmt>) {
        let Some(at) =
            self.find(|entry| matches!(entry.ty, Ty::Vec | Ty::Unordered | Ty::Map | Ty::Option))
        else {
            return self.collection(stmts);
        };
        let (var, ty) = (self.scope[at].var, self.scope[at].ty);
        if ty == Ty::Option {
            if self.scope[at].live && self.careful() {
                return self.use_one(stmts);
            }
            let value = Expr::Group(Grouping::Some, vec![self.value()]);
            stmts.push(Stmt::Expr(Expr::Assign(var, Box::new(value))));
        } else {
            let (method, value) = match (ty, self.rng.u8(..5)) {
                (Ty::Map, _) => (".insert(n, ", self.value()),
                (Ty::Vec, 0) => (".insert(0, ", self.value()),
                (Ty::Vec, 1) => (
                    ".extend(",
                    Expr::Group(Grouping::Vec, vec![self.value(), self.value()]),
                ),
                (Ty::Vec, 2) => {
                    self.sites += 1;
                    (
                        ".extend(",
                        Expr::Collect(self.sites - 1, "(0..n).map(|i| ", ")"),
                    )
                }
                _ => (".push(", self.value()),
            };
            stmts.push(Stmt::Expr(Expr::Put(var, method, Box::new(value))));
        }
        if self.scope[at].have == Have::Yes {
            self.scope[at].live = true;
        }
    }

    /// A new option.
    pub(super) fn option(&mut self, stmts: &mut Vec<Stmt>) {
        let var = self.name(Ty::Option);
        let (init, live) = match self.rng.u8(..4) {
            3 => {
                self.sites += 1;
                let before = self.text(&[
                    "port.map(|port| ",
                    "this.port.as_ref().map(|port| ",
                    "Some(n).map(|port| ",
                ]);
                (Expr::Collect(self.sites - 1, before, ")"), true)
            }
            0 => (Expr::Group(Grouping::Some, vec![self.value()]), true),
            1 => {
                let block = |value| Block {
                    stmts: Vec::new(),
                    tail: Some(Box::new(value)),
                };
                let then = block(Expr::Group(Grouping::Some, vec![self.spawn()]));
                let none = Box::new(Expr::Block(None, block(Expr::Plain("None"))));
                (
                    Expr::If(vec![Cond::Test(self.test())], then, Some(none)),
                    true,
                )
            }
            _ => (Expr::Plain("None"), false),
        };
        stmts.push(Stmt::Let(Pat::Mut(var), Some(init), None));
        self.declare(var, Ty::Option, live);
    }

    /// Goes over the handles of a collection.
    pub(super) fn each(&mut self, at: usize, stmts: &mut Vec<Stmt>) -> bool {
        let over = (self.chance(0.2)).then(|| {
            let grouping = if self.chance(0.5) {
                Grouping::Vec
            } else {
                Grouping::Array
            };
            Expr::Group(grouping, vec![self.value(), self.value()])
        });
        let element = self.name(Ty::Task);
        let var = self.scope[at].var;
        let kind = match (over, self.rng.u8(..4), self.scope[at].ty) {
            (Some(values), ..) => Looping::Over(element, Box::new(values)),
            (_, 0, Ty::Vec) => Looping::Drain(element, var),
            (_, 1, Ty::Vec) => Looping::While(vec![Cond::Let(
                Pat::Some(Box::new(Pat::Var(element))),
                Expr::Pop(var),
            )]),
            (_, _, Ty::Map) => Looping::Each(element, "$.into_values()", var),
            _ => Looping::Each(element, self.text(&["$", "$", "$.into_iter()"]), var),
        };
        // What is popped one by one is there still.
        if !matches!(kind, Looping::Over(..) | Looping::While(_)) {
            self.scope[at].live = false;
        }
        if let Looping::Each(..) = kind {
            self.scope[at].have = Have::No;
        }
        let label = self.target(true, false);
        if let Some(target) = self.targets.last_mut() {
            target.rest = !matches!(kind, Looping::While(_));
        }
        let size = self.size();
        let branch = self.branch(size, |grower, _| {
            grower.declare(element, Ty::Task, true);
            true
        });
        self.close(stmts, label, kind, branch)
    }

    /// Takes what is in an option or a collection, one way or another.
    pub(super) fn open(&mut self, stmts: &mut Vec<Stmt>) -> bool {
        if self.chance(0.4)
            && let Some(at) = self.find(|entry| matches!(entry.ty, Ty::Vec | Ty::Array | Ty::Map))
        {
            return self.each(at, stmts);
        }
        let Some(at) = self.find(|entry| entry.ty == Ty::Option) else {
            self.option(stmts);
            return true;
        };
        let inside = self.name(Ty::Task);
        let some = Pat::Some(Box::new(Pat::Var(inside)));
        let var = self.scope[at].var;
        let option = Box::new(self.moved(at));
        let found = |grower: &mut Self| {
            let size = grower.rng.usize(..3);
            grower.branch(size, |grower, _| {
                grower.declare(inside, Ty::Task, true);
                true
            })
        };
        match self.rng.u8(..4) {
            0 | 1 => {
                let mut conds = vec![Cond::Let(some, *option)];
                if self.slips() {
                    // The handle is lost where the other condition does not hold.
                    let ready = Cond::Test(Expr::Plain("ready()"));
                    match self.rng.u8(..5) {
                        0 | 1 => conds.push(ready),
                        2 => conds.insert(0, ready),
                        _ => {}
                    }
                }
                let (mut blocks, falls) = self.branches(2, |grower, at| {
                    if at == 0 {
                        found(grower)
                    } else {
                        grower.grown()
                    }
                });
                let other = blocks.pop().unwrap_or_default();
                let other = (!other.stmts.is_empty()).then(|| Box::new(Expr::Block(None, other)));
                stmts.push(Stmt::Expr(Expr::If(
                    conds,
                    blocks.pop().unwrap_or_default(),
                    other,
                )));
                falls
            }
            2 => {
                let first = self.chance(0.5);
                let guarded = self.chance(0.3);
                let again = self.name(Ty::Task);
                let count = if guarded { 3 } else { 2 };
                let (blocks, falls) = self.branches(count, |grower, at| match at {
                    0 => found(grower),
                    1 => grower.grown(),
                    _ => grower.branch(1, |grower, _| {
                        grower.declare(again, Ty::Task, true);
                        true
                    }),
                });
                let mut pats = vec![some, Pat::None, Pat::Some(Box::new(Pat::Var(again)))];
                if self.chance(0.3) && !guarded {
                    pats[1] = Pat::Wild;
                }
                let guard = guarded.then_some(Expr::Plain("ready()"));
                let mut guards = [guard, None, None].into_iter();
                let arm = |(pat, block)| Arm {
                    pat,
                    guard: guards.next().flatten(),
                    body: Expr::Block(None, block),
                };
                let mut arms: Vec<Arm> = pats.into_iter().zip(blocks).map(arm).collect();
                if first && !guarded && matches!(arms[1].pat, Pat::None) {
                    arms.reverse();
                }
                stmts.push(Stmt::Expr(Expr::Match(option, arms)));
                falls
            }
            _ => {
                self.scope[at].have = Have::Yes;
                let (mut blocks, falls) = self.branches(2, |grower, at| {
                    if at == 0 {
                        found(grower)
                    } else {
                        grower.grown()
                    }
                });
                let other = blocks.pop().unwrap_or_default();
                let conds = vec![Cond::Let(some, Expr::TakeOut(var))];
                stmts.push(Stmt::Expr(Expr::If(
                    conds,
                    blocks.pop().unwrap_or_default(),
                    Some(Box::new(Expr::Block(None, other))),
                )));
                falls
            }
        }
    }
}
