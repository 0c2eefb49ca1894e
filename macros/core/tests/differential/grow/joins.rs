//! All the ways to join.

use super::{Grower, Ty};
use crate::tree::{Arm, Block, Cond, Expr, Grouping, Holder, Pat, Stmt, Text};

/// Somebody waits for the task, or has it.
const JOINS: &[Text] = &[
    "$.await",
    "$.await",
    "$.await.unwrap()",
    "$.await.is_err()",
    "take($)",
    "this.keep($)",
    "sender.send($).await",
    "this.worker = Some($)",
    "this.workers.push($)",
    "rejoin::detach($, \"it outlives the request\")",
    "this.kept = Holder { task: $ }",
    "Box::pin($).await",
    "wait_for($, limit).await",
    "this.state.lock().await.insert(n, $)",
    "if let Err(error) = $.await { note(error) }",
    "let result = match $.await { Ok(result) => result, Err(_) => panic!(\"it failed\") }",
];

impl Grower<'_> {
    /// A handle that has no name is joined at once.
    pub(super) fn direct(&mut self, stmts: &mut Vec<Stmt>) {
        let value = Box::new(self.value());
        let exit = self.may_exit();
        let text = self.text(if exit {
            &["$.await"]
        } else {
            &[
                "$.await",
                "take($)",
                "this.worker = Some($)",
                "join_all([$]).await",
            ]
        });
        let joined = Expr::Join(text, value);
        stmts.push(Stmt::Expr(if exit {
            Expr::Try(Box::new(joined))
        } else {
            joined
        }));
    }

    /// `take(a.await?, b.await?)`: an error of the first loses the second.
    pub(super) fn together(&mut self, stmts: &mut Vec<Stmt>) {
        let mut values = Vec::new();
        let exit = self.slips();
        for _ in 0..self.rng.usize(2..4) {
            let Some(at) = self.find(|entry| entry.ty == Ty::Task && entry.live) else {
                break;
            };
            let ended = Expr::Join("$.await", Box::new(self.moved(at)));
            values.push(if exit && self.chance(0.7) {
                Expr::Try(Box::new(ended))
            } else {
                ended
            });
        }
        if values.is_empty() {
            return self.bind(stmts);
        }
        let all = match self.rng.u8(..3) {
            0 => Expr::Hand(Holder::Call, values),
            1 => Expr::Hand(Holder::Struct, values),
            _ => Expr::Group(Grouping::Tuple, values),
        };
        stmts.push(Stmt::Let(Pat::Any("x"), Some(all), None));
    }

    /// A statement after which the variable has nothing left to join.
    pub(super) fn join(&mut self, at: usize) -> Stmt {
        let var = self.scope[at].var;
        match self.scope[at].ty {
            Ty::Thread => {
                let text = self.text(&[
                    "$.join()",
                    "$.join().unwrap()",
                    "take($)",
                    "this.threads.push($)",
                ]);
                Stmt::Expr(Expr::Join(text, Box::new(self.moved(at))))
            }
            Ty::Task => self.join_task(at),
            Ty::Option => self.join_option(at),
            Ty::Vec | Ty::Array | Ty::Map => self.join_collection(at),
            Ty::Unordered => {
                self.scope[at].live = false;
                Stmt::Expr(match self.rng.u8(..4) {
                    3 => {
                        let body = Stmt::Expr(Expr::Through(var, "note($.next().await)"));
                        let body = Block {
                            stmts: vec![body],
                            tail: None,
                        };
                        Expr::Loop(None, self.rounds(), body)
                    }
                    0 => Expr::Join("$.collect::<Vec<_>>().await", Box::new(self.moved(at))),
                    1 => Expr::Join("take($)", Box::new(self.moved(at))),
                    _ => Expr::Through(var, "while let Some(done) = $.next().await { note(done) }"),
                })
            }
            Ty::Pair => Stmt::Expr(Expr::Join(
                self.text(&["take($)", "this.keep($)"]),
                Box::new(self.moved(at)),
            )),
            Ty::Shy | Ty::Start | Ty::Flag | Ty::Outcome | Ty::Answer => {
                Stmt::Expr(Expr::Look(var, "peek(&$)"))
            }
        }
    }

    #[expect(clippy::too_many_lines, reason = "there are many ways")]
    pub(super) fn join_task(&mut self, at: usize) -> Stmt {
        let var = self.scope[at].var;
        let exit = self.may_exit();
        match self.rng.u8(..20) {
            0 => {
                self.scope[at].live = false;
                let text = self.text(&[
                    "(&mut $).await",
                    "std::pin::Pin::new(&mut $).await",
                    "let _ = (&mut $).await",
                ]);
                Stmt::Expr(Expr::Through(var, text))
            }
            1 => {
                let given = vec![
                    self.moved(at),
                    if exit {
                        Expr::Try(Box::new(Expr::Plain("load()")))
                    } else {
                        Expr::Plain("n")
                    },
                ];
                let holder = if self.chance(0.5) {
                    Holder::Call
                } else {
                    Holder::Struct
                };
                Stmt::Let(Pat::Any("kept"), Some(Expr::Hand(holder, given)), None)
            }
            2 => {
                let given = vec![self.plain(), self.moved(at)];
                Stmt::Expr(Expr::Hand(Holder::Call, given))
            }
            3 => {
                let value = Expr::Join("$.await", Box::new(self.moved(at)));
                let arm = |ok, text, body| Arm {
                    pat: Pat::Result(ok, text),
                    guard: None,
                    body: Expr::Plain(body),
                };
                Stmt::Expr(Expr::Match(
                    Box::new(value),
                    vec![arm(true, "Ok(_)", "note()"), arm(false, "Err(_)", "{}")],
                ))
            }
            4 => {
                let head = self.text(&["async move ", "async "]);
                let inner = self.inner_of(head, vec![at], |grower, stmts| {
                    let stmt = grower.join(at);
                    stmts.push(stmt);
                    true
                });
                Stmt::Expr(Expr::Join("$.await", Box::new(Expr::Inner(inner))))
            }
            5 => {
                // A move into a name that an inner block has.
                let stmt = Stmt::Let(
                    Pat::Any("result"),
                    Some(Expr::Join("$.await", Box::new(self.moved(at)))),
                    None,
                );
                Stmt::Expr(Expr::Block(
                    None,
                    Block {
                        stmts: vec![stmt],
                        tail: None,
                    },
                ))
            }
            6 => Stmt::Let(
                Pat::Wild,
                Some(Expr::Join("$.await", Box::new(self.moved(at)))),
                None,
            ),
            7 => Stmt::Let(
                Pat::Any("result"),
                Some(Expr::Join(
                    "Ok::<_, Failure>($.await)",
                    Box::new(self.moved(at)),
                )),
                None,
            ),
            8 => {
                let test = Expr::Join("$.await.is_err()", Box::new(self.moved(at)));
                let then = Block {
                    stmts: vec![Stmt::Expr(Expr::Plain("note()"))],
                    tail: None,
                };
                Stmt::Expr(Expr::If(vec![Cond::Test(test)], then, None))
            }
            9..12 if exit => Stmt::Expr(Expr::Try(Box::new(Expr::Join(
                "$.await",
                Box::new(self.moved(at)),
            )))),
            12 if exit => {
                let value = Expr::Try(Box::new(Expr::Try(Box::new(Expr::Join(
                    "$.await",
                    Box::new(self.moved(at)),
                )))));
                Stmt::Let(Pat::Any("result"), Some(value), None)
            }
            13 => {
                let var = self.name(Ty::Task);
                let value = Box::new(self.moved(at));
                let body = Expr::Join("$.await", Box::new(Expr::Var(var)));
                Stmt::Expr(Expr::Match(
                    value,
                    vec![Arm {
                        pat: Pat::Var(var),
                        guard: None,
                        body,
                    }],
                ))
            }
            14 => {
                let value = Expr::Group(Grouping::Vec, vec![self.moved(at), self.spawn()]);
                Stmt::Expr(Expr::Join("join_all($).await", Box::new(value)))
            }
            _ => Stmt::Expr(Expr::Join(self.text(JOINS), Box::new(self.moved(at)))),
        }
    }
}
