//! Makes Rust, or nearly, as text.

use super::choices::Choices;
use super::words::{
    ATTRIBUTES, LITERALS, MACROS, METHODS, NAMES, OPERATORS, OPTIONS, PATHS, PATTERNS, TYPES,
    VALUES,
};

/// So much nests.
const DEPTH: usize = 6;

pub(super) struct Grow<'a, 'b> {
    choices: &'a mut Choices<'b>,
    text: String,
}

impl<'a, 'b> Grow<'a, 'b> {
    /// An item that an attribute mostly goes on.
    pub(super) fn item(choices: &'a mut Choices<'b>, attribute: &str) -> String {
        let mut grow = Self {
            choices,
            text: String::new(),
        };
        let on_functions = ["main", "task_group"].contains(&attribute);
        if on_functions && !grow.choices.one_in(8) {
            grow.attributes();
            grow.function(DEPTH);
        } else {
            grow.an_item(DEPTH);
        }
        grow.text
    }

    /// What stands in the parentheses of an attribute.
    pub(super) fn args(choices: &'a mut Choices<'b>) -> String {
        let mut grow = Self {
            choices,
            text: String::new(),
        };
        while grow.choices.one_in(2) {
            let name = grow.choices.of(OPTIONS);
            grow.put(name);
            match grow.choices.below(8) {
                0 => {}
                1 => grow.parens(|grow| grow.list(2, Self::path)),
                _ => {
                    grow.put("=");
                    grow.value();
                }
            }
            if !grow.choices.one_in(8) {
                grow.put(",");
            }
        }
        grow.text
    }

    fn value(&mut self) {
        match self.choices.below(4) {
            0 => self.one(VALUES),
            1 => self.one(LITERALS),
            2 => self.one(PATHS),
            _ => self.expr(3),
        }
    }

    fn put(&mut self, text: &str) {
        self.text.push_str(text);
        self.text.push(' ');
    }

    /// One of these, mostly of the first half: the second is for what is odd.
    fn one(&mut self, all: &[&str]) {
        let usual = all.len().div_ceil(2);
        let end = if self.choices.one_in(24) {
            all.len()
        } else {
            usual
        };
        let text = self.choices.of(&all[..end]);
        self.put(text);
    }

    fn perhaps(&mut self, text: &str) {
        if self.choices.one_in(3) {
            self.put(text);
        }
    }

    fn between(&mut self, open: &str, close: &str, inside: impl FnOnce(&mut Self)) {
        self.put(open);
        inside(self);
        self.put(close);
    }

    fn parens(&mut self, inside: impl FnOnce(&mut Self)) {
        self.between("(", ")", inside);
    }

    fn braces(&mut self, inside: impl FnOnce(&mut Self)) {
        self.between("{", "}", inside);
    }

    fn list(&mut self, most: usize, mut each: impl FnMut(&mut Self)) {
        for _ in 0..self.choices.below(most + 1) {
            each(self);
            self.put(",");
        }
    }

    fn many(&mut self, most: usize, mut each: impl FnMut(&mut Self)) {
        for _ in 0..self.choices.below(most + 1) {
            each(self);
        }
    }

    fn attributes(&mut self) {
        while self.choices.one_in(12) {
            self.one(ATTRIBUTES);
        }
    }

    fn path(&mut self) {
        self.one(PATHS);
    }

    // ---- items

    fn an_item(&mut self, depth: usize) {
        self.attributes();
        let kinds = if depth > 0 && self.choices.one_in(3) {
            12
        } else {
            4
        };
        match self.choices.below(kinds) {
            0..=3 => self.function(depth),
            4 | 5 => {
                self.perhaps("unsafe");
                self.put("impl<T>");
                self.one(&[
                    "S",
                    "Drop for S",
                    "A<B> for &mut S<T>",
                    "!Send for S",
                    "S where T: A",
                ]);
                self.braces(|grow| grow.many(3, |grow| grow.an_item(depth - 1)));
            }
            6 | 7 => {
                self.perhaps("pub");
                self.put("mod m");
                self.braces(|grow| grow.many(4, |grow| grow.an_item(depth - 1)));
            }
            8 => {
                self.one(&[
                    "trait A",
                    "unsafe trait A: B",
                    "auto trait A",
                    "trait A = B;",
                ]);
                self.braces(|grow| grow.many(3, |grow| grow.an_item(depth - 1)));
            }
            9 => self.one(&[
                "use tokio::{self, task::{self as t, spawn, *}, spawn as r#spawn};",
                "use tokio::spawn;",
                "use self::spawn as spawn;",
                "use spawn as task; use task as spawn;",
                "extern crate tokio as t;",
                "use t as tokio;",
                "use {};",
            ]),
            10 => self.one(&[
                "struct S { x: u8 }",
                "enum E { A }",
                "const C: u8 = { tokio::spawn(f); 1 };",
                "static S: u8 = 1;",
                "macro_rules! m { ($x:expr) => { tokio::spawn($x) } }",
                "extern \"C\" { fn f(); }",
                "type T = u8;",
                "union U { x: u8 }",
                "mod m;",
                "m! { fn f() {} }",
                "let x = 1;",
                "|| tokio::spawn(f)",
                "tokio::spawn(f)",
            ]),
            _ => {
                self.put("fn f");
                self.expr(depth - 1);
            }
        }
    }

    fn function(&mut self, depth: usize) {
        self.one(&[
            "",
            "",
            "pub",
            "pub(crate)",
            "default",
            "pub(in a::b)",
            "crate",
        ]);
        self.one(&[
            "async fn",
            "async fn",
            "async fn",
            "async unsafe fn",
            "fn",
            "const fn",
            "unsafe extern \"C\" fn",
            "async",
            "fn fn",
            "safe fn",
            "gen fn",
        ]);
        self.one(&["f", "main", "drop", "r#fn", "spawn", "名", ""]);
        self.one(&[
            "",
            "<'a, T: A, const N: usize>",
            "<'__rejoin>",
            "<>",
            "<T = u8>",
        ]);
        self.parens(|grow| {
            grow.list(3, |grow| {
                grow.attributes();
                if grow.choices.one_in(16) {
                    grow.one(PATTERNS);
                } else {
                    grow.one(&[
                        "x: T",
                        "mut a: u8",
                        "_: &str",
                        "(a, b): (A, B)",
                        "A { .. }: A",
                    ]);
                }
            });
            if grow.choices.one_in(30) {
                grow.put("...");
            }
        });
        if self.choices.one_in(2) {
            self.put("->");
            self.one(TYPES);
        }
        if self.choices.one_in(8) {
            self.put("where T: A<B>,");
        }
        if self.choices.one_in(50) {
            self.put(";");
        } else {
            self.block(depth);
        }
    }

    fn block(&mut self, depth: usize) {
        self.braces(|grow| {
            if depth == 0 || grow.choices.are_used_up() {
                return;
            }
            grow.many(6, |grow| grow.statement(depth - 1));
        });
    }

    fn statement(&mut self, depth: usize) {
        self.attributes();
        match self.choices.below(9) {
            0 => self.put(";"),
            1..=3 => {
                self.put("let");
                self.one(PATTERNS);
                if self.choices.one_in(4) {
                    self.put(":");
                    self.one(TYPES);
                }
                if !self.choices.one_in(8) {
                    self.put("=");
                    self.expr(depth);
                }
                if self.choices.one_in(12) {
                    self.put("else");
                    self.block(depth);
                }
                self.put(";");
            }
            4 => {
                self.one(&[
                    "if x",
                    "loop",
                    "while let Some(h) = x",
                    "unsafe",
                    "'a:",
                    "async",
                ]);
                self.block(depth);
            }
            5 => {
                self.one(&["_ =", "x =", "h =", "h.0 =", "(a, h) ="]);
                self.expr(depth);
                self.put(";");
            }
            6 if depth > 0 && self.choices.one_in(3) => self.an_item(depth - 1),
            _ => {
                self.expr(depth);
                self.put(";");
            }
        }
    }

    fn expr(&mut self, depth: usize) {
        if depth == 0 || self.choices.are_used_up() {
            return match self.choices.below(3) {
                0 => self.one(NAMES),
                1 => self.one(LITERALS),
                _ => self.path(),
            };
        }
        let depth = depth - 1;
        match self.choices.below(22) {
            0 => self.one(NAMES),
            1 => self.one(LITERALS),
            2..=5 => {
                self.path();
                self.parens(|grow| {
                    grow.expr(depth);
                    if grow.choices.one_in(4) {
                        grow.put(",");
                        grow.expr(depth);
                    }
                });
            }
            6 | 7 => {
                self.expr(depth);
                self.put(".");
                self.one(METHODS);
                if self.choices.one_in(2) {
                    self.parens(|grow| grow.list(2, |grow| grow.expr(depth)));
                }
            }
            8 | 9 => {
                self.one(&[
                    "async",
                    "async move",
                    "unsafe",
                    "'a:",
                    "",
                    "const",
                    "loop",
                    "'a: loop",
                ]);
                self.block(depth);
            }
            10 => {
                self.one(&[
                    "|x|",
                    "move ||",
                    "async ||",
                    "|a, (b, c): T| -> u8",
                    "static move ||",
                ]);
                self.expr(depth);
            }
            11..=14 => self.control(depth),
            15 | 16 => self.a_macro(depth),
            17 => self.parens(|grow| grow.list(3, |grow| grow.expr(depth))),
            18 => self.between("[", "]", |grow| grow.list(3, |grow| grow.expr(depth))),
            19 => {
                self.one(&["&", "&mut", "!", "-", "*", "&raw const", "return", "box"]);
                self.expr(depth);
            }
            20 => {
                self.expr(depth);
                self.one(OPERATORS);
                self.expr(depth);
            }
            _ => {
                self.expr(depth);
                self.one(&[
                    "?",
                    ".await",
                    "?.await?",
                    "[0]",
                    "as u8",
                    ".0",
                    "()",
                    ".await.m()?",
                ]);
            }
        }
    }

    /// What goes more than one way.
    fn control(&mut self, depth: usize) {
        match self.choices.below(4) {
            0 => {
                self.put("if");
                self.condition(depth);
                self.block(depth);
                while self.choices.one_in(3) {
                    self.put("else if");
                    self.condition(depth);
                    self.block(depth);
                }
                if self.choices.one_in(2) {
                    self.put("else");
                    self.block(depth);
                }
            }
            1 => {
                self.put("match");
                self.expr(depth);
                self.braces(|grow| {
                    grow.many(4, |grow| {
                        grow.attributes();
                        grow.one(PATTERNS);
                        if grow.choices.one_in(4) {
                            grow.put("if");
                            grow.condition(depth);
                        }
                        grow.put("=>");
                        grow.expr(depth);
                        grow.put(",");
                    });
                });
            }
            2 => {
                self.one(&["for x in", "while", "'a: while", "for (a, h) in &mut"]);
                self.condition(depth);
                self.block(depth);
            }
            _ => {
                self.one(&[
                    "return",
                    "break",
                    "break 'a",
                    "continue",
                    "continue 'a",
                    "yield",
                ]);
                if self.choices.one_in(2) {
                    self.expr(depth);
                }
            }
        }
    }

    fn condition(&mut self, depth: usize) {
        if self.choices.one_in(3) {
            self.put("let");
            self.one(PATTERNS);
            self.put("=");
        }
        self.expr(depth);
    }

    fn a_macro(&mut self, depth: usize) {
        self.one(MACROS);
        self.put("!");
        let (open, close) = self.choices.of(&[("(", ")"), ("[", "]"), ("{", "}")]);
        self.between(open, close, |grow| match grow.choices.below(4) {
            0 | 1 => grow.list(4, |grow| grow.expr(depth)),
            2 => grow.many(3, |grow| {
                grow.one(PATTERNS);
                grow.put("=");
                grow.expr(depth);
                if grow.choices.one_in(3) {
                    grow.put(", if");
                    grow.expr(depth);
                }
                grow.put("=>");
                grow.expr(depth);
                grow.put(",");
            }),
            _ => grow.many(5, |grow| {
                grow.expr(depth);
                grow.one(OPERATORS);
            }),
        });
    }
}
