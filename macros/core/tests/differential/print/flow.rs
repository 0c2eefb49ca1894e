//! Branches, loops and patterns as source.

use super::Printer;
use crate::exit::Exit;
use crate::tree::{Arm, Block, Cond, Expr, Looping, Operand, Pat, SelectArm, Stmt};

impl Printer<'_> {
    pub(super) fn conds(&mut self, conds: &[Cond]) {
        for (at, cond) in conds.iter().enumerate() {
            self.text(if at > 0 { "&& " } else { "" });
            match cond {
                Cond::Test(expr @ Expr::Lazy(..)) if conds.len() > 1 => {
                    self.text("(");
                    self.expr(expr);
                    self.text(")");
                }
                Cond::Test(expr) => self.expr(expr),
                Cond::Let(pat, expr) => {
                    self.text("let ");
                    self.pat(pat);
                    self.text(" = ");
                    self.expr(expr);
                }
            }
            self.text(" ");
        }
    }

    pub(super) fn arms(&mut self, value: &Expr, arms: &[Arm]) {
        self.text("match ");
        self.expr(value);
        self.text(" {");
        self.indent += 1;
        for Arm { pat, guard, body } in arms {
            self.next_line();
            self.pat(pat);
            if let Some(guard) = guard {
                self.text(" if ");
                self.expr(guard);
            }
            self.text(" => ");
            self.expr(body);
            self.text(",");
        }
        self.indent -= 1;
        self.next_line();
    }

    pub(super) fn looping(&mut self, kind: &Looping, body: &Block) {
        match kind {
            Looping::Forever => self.text("loop "),
            Looping::While(conds) => {
                self.text("while ");
                self.conds(conds);
            }
            Looping::For(pat, items) => {
                self.text("for ");
                self.text(pat);
                self.text(" in ");
                self.expr(items);
                self.text(" ");
            }
            Looping::Each(element, text, collection) => {
                self.with_name("for $ in ", *element);
                self.with_name(text, *collection);
                self.text(" ");
            }
            Looping::Over(element, items) => {
                self.with_name("for $ in ", *element);
                self.expr(items);
                self.text(" ");
            }
            Looping::Drain(element, collection) => {
                self.with_name("for $ in ", *element);
                self.with_name("$.drain(..) ", *collection);
            }
        }
        self.block(body);
    }

    pub(super) fn select(&mut self, head: &str, arms: &[SelectArm], other: Option<&Block>) {
        self.text(head);
        self.indent += 1;
        let begin = self.place();
        for arm in arms {
            self.next_line();
            self.text(arm.pat);
            self.text(" = ");
            let around = self.heads.replace(self.heads.unwrap_or(begin));
            self.given(&arm.future);
            self.heads = around;
            // Which branch wins is known before any of them goes on.
            if let Operand::Value(future) = &arm.future {
                let behind = [self.heads.unwrap_or(begin), self.place()];
                self.behind_heads(Exit::operand(future), behind);
            }
            self.text(if arm.guard { ", if ready()" } else { "" });
            self.text(" => ");
            if let [Stmt::Expr(only)] = &arm.body.stmts[..]
                && matches!(
                    only,
                    Expr::Break(..)
                        | Expr::Continue(_)
                        | Expr::Return(_)
                        | Expr::Diverge(_)
                        | Expr::Try(_)
                )
            {
                self.expr(only);
                self.text(",");
            } else if arm.body.stmts.is_empty()
                && let Some(tail) = &arm.body.tail
            {
                self.expr(tail);
                self.text(",");
            } else {
                self.block(&arm.body);
            }
        }
        if let Some(other) = other {
            self.next_line();
            self.text("else => ");
            self.block(other);
        }
        self.indent -= 1;
        self.next_line();
        self.text("}");
    }

    pub(super) fn pat(&mut self, pat: &Pat) {
        self.exit(Exit::pat(pat));
        match pat {
            Pat::Wild => self.text("_"),
            Pat::Var(var) => self.name(*var),
            Pat::Mut(var) => self.with_name("mut $", *var),
            Pat::Ref(var) => self.with_name("ref $", *var),
            Pat::Some(inner) => {
                self.text("Some(");
                self.pat(inner);
                self.text(")");
            }
            Pat::None => self.text("None"),
            Pat::Result(_, text) | Pat::Text(text) | Pat::Any(text) => self.text(text),
            Pat::Tuple(all) => self.list("(", all, ")", |printer, _, pat| printer.pat(pat)),
            Pat::Slice(all) => self.list("[", all, "]", |printer, _, pat| printer.pat(pat)),
            Pat::Head(all) => {
                self.list("(", all, ", ", |printer, _, pat| printer.pat(pat));
                self.exit(Exit::pat(pat));
                self.text("..)");
            }
            Pat::Fields(all) => {
                self.list("Holder { ", all, ", ", |printer, at, pat| {
                    printer.text(["a: ", "b: ", "c: ", "d: "][at]);
                    printer.pat(pat);
                });
                self.exit(Exit::pat(pat));
                self.text(".. }");
            }
        }
    }
}
