//! A tree as Rust source, and where its spawns stand in it.

use std::fmt::Write as _;

use super::tree::{
    Arm, Ask, Block, Body, Cond, Expr, Grouping, Holder, Inner, Label, Looping, Operand, Pat,
    SelectArm, Site, Stmt, Var,
};

/// A line, counted from one, and a column, counted from zero.
pub(super) type Place = (usize, usize);

pub(super) struct Printed {
    pub(super) source: String,
    /// From where to where each spawn goes.
    pub(super) sites: Vec<Option<(Place, Place)>>,
}

impl Printed {
    /// The innermost spawn that the place is in.
    pub(super) fn site_at(&self, place: Place) -> Option<Site> {
        let around =
            |site: &Site| self.sites[*site].is_some_and(|(from, to)| from <= place && place < to);
        (0..self.sites.len())
            .filter(around)
            .max_by_key(|site| self.sites[*site])
    }
}

pub(super) fn print(body: &Body) -> Printed {
    let mut printer = Printer {
        body,
        out: String::new(),
        line: 1,
        line_start: 0,
        indent: 0,
        sites: vec![None; body.sites],
    };
    printer.text(
        "async fn body(this: &mut Holder, limit: Duration, n: u32) -> Result<Answer, Failure> ",
    );
    printer.block(&body.block);
    printer.text("\n");
    Printed {
        source: printer.out,
        sites: printer.sites,
    }
}

struct Printer<'a> {
    body: &'a Body,
    out: String,
    line: usize,
    line_start: usize,
    indent: usize,
    sites: Vec<Option<(Place, Place)>>,
}

impl Printer<'_> {
    fn text(&mut self, text: &str) {
        debug_assert!(
            !text.contains('\n') || text == "\n",
            "a line is broken by `next_line`"
        );
        self.out.push_str(text);
        if text == "\n" {
            self.line += 1;
            self.line_start = self.out.len();
        }
    }

    fn next_line(&mut self) {
        self.text("\n");
        for _ in 0..self.indent {
            self.text("    ");
        }
    }

    fn place(&self) -> Place {
        (self.line, self.out.len() - self.line_start)
    }

    fn name(&mut self, var: Var) {
        let body = self.body;
        self.text(&body.vars[var]);
    }

    fn label(&mut self, label: Option<Label>) {
        if let Some(label) = label {
            write!(self.out, "'l{label}").expect("a string takes all");
        }
    }

    fn with_name(&mut self, text: &str, var: Var) {
        self.with(text, |printer| printer.name(var));
    }

    fn with(&mut self, text: &str, mut hole: impl FnMut(&mut Self)) {
        let mut parts = text.split('$');
        self.text(parts.next().unwrap_or_default());
        for part in parts {
            hole(self);
            self.text(part);
        }
    }

    /// `[before item, item after]`
    fn list<T>(
        &mut self,
        before: &str,
        items: &[T],
        after: &str,
        mut one: impl FnMut(&mut Self, usize, &T),
    ) {
        self.text(before);
        for (at, item) in items.iter().enumerate() {
            if at > 0 {
                self.text(", ");
            }
            one(self, at, item);
        }
        self.text(after);
    }

    fn block(&mut self, block: &Block) {
        if block.stmts.is_empty() && block.tail.is_none() {
            return self.text("{}");
        }
        self.text("{");
        self.indent += 1;
        for stmt in &block.stmts {
            self.next_line();
            match stmt {
                Stmt::Let(pat, init, other) => {
                    self.text("let ");
                    self.pat(pat);
                    if let Some(init) = init {
                        self.text(" = ");
                        self.expr(init);
                    }
                    if let Some(other) = other {
                        self.text(" else ");
                        self.block(other);
                    }
                    self.text(";");
                }
                Stmt::Expr(expr) => {
                    self.expr(expr);
                    self.text(";");
                }
            }
        }
        if let Some(tail) = &block.tail {
            self.next_line();
            self.expr(tail);
        }
        self.indent -= 1;
        self.next_line();
        self.text("}");
    }

    /// What `?`, `.await` or a method stands behind.
    fn operand(&mut self, expr: &Expr) {
        let open = match expr {
            Expr::If(..)
            | Expr::Match(..)
            | Expr::Loop(..)
            | Expr::Block(..)
            | Expr::Assign(..)
            | Expr::Break(..)
            | Expr::Return(_)
            | Expr::Lazy(..) => true,
            Expr::Inner(inner) => inner.head.contains('|'),
            _ => false,
        };
        self.text(if open { "(" } else { "" });
        self.expr(expr);
        self.text(if open { ")" } else { "" });
    }

    fn hole(&mut self, text: &str, expr: &Expr) {
        if text.starts_with('$') {
            self.with(text, |printer| printer.operand(expr));
        } else {
            self.with(text, |printer| printer.expr(expr));
        }
    }

    fn spawn(&mut self, site: Site, inside: impl FnOnce(&mut Self)) {
        let from = self.place();
        inside(self);
        self.sites[site] = Some((from, self.place()));
    }

    #[expect(clippy::too_many_lines, reason = "there are many kinds")]
    fn expr(&mut self, expr: &Expr) {
        match expr {
            Expr::Plain(text) | Expr::Diverge(text) => self.text(text),
            Expr::Try(inner) => self.hole("$?", inner),
            Expr::Spawn(site, path, future) => self.spawn(*site, |printer| {
                printer.text(path);
                printer.text("(");
                printer.expr(future);
                printer.text(")");
            }),
            Expr::Collect(site, before, after) => {
                self.text(before);
                self.spawn(*site, |printer| printer.text("tokio::spawn(work(i))"));
                self.text(after);
            }
            Expr::Var(var) => self.name(*var),
            Expr::Join(text, inner) | Expr::LetGo(text, inner) => self.hole(text, inner),
            Expr::Hand(Holder::Call, all) => {
                self.list("take(", all, ")", |printer, _, expr| printer.expr(expr));
            }
            Expr::Hand(Holder::Struct, all) => {
                self.list("Holder { ", all, " }", |printer, at, expr| {
                    printer.text(["a: ", "b: ", "c: ", "d: "][at]);
                    printer.expr(expr);
                });
            }
            Expr::Group(grouping, all) => {
                let (before, after) = match grouping {
                    Grouping::Some => ("Some(", ")"),
                    Grouping::Vec => ("vec![", "]"),
                    Grouping::Array | Grouping::Parts => ("[", "]"),
                    Grouping::Tuple => ("(", ")"),
                };
                self.list(before, all, after, |printer, _, expr| printer.expr(expr));
            }
            Expr::Look(var, text) | Expr::Through(var, text) | Expr::Timeout(var, text) => {
                self.with_name(text, *var);
            }
            Expr::Is(true, inner) => self.hole("$.is_ok()", inner),
            Expr::Is(false, inner) => self.hole("$.is_err()", inner),
            Expr::Ask(var, ask) => {
                let text = match ask {
                    Ask::Flag(true) => "$",
                    Ask::Flag(false) => "!$",
                    Ask::Some(true) => "$.is_some()",
                    Ask::Some(false) => "$.is_none()",
                    Ask::Ok(true) => "$.is_ok()",
                    Ask::Ok(false) => "$.is_err()",
                };
                self.with_name(text, *var);
            }
            Expr::TakeOut(var) => self.with_name("$.take()", *var),
            Expr::Pop(var) => self.with_name("$.pop()", *var),
            Expr::Put(var, method, value) => {
                self.name(*var);
                self.text(method);
                self.expr(value);
                self.text(")");
            }
            Expr::Assign(var, value) => {
                self.name(*var);
                self.text(" = ");
                self.expr(value);
            }
            Expr::AssignAll(vars, value) => {
                self.list("(", vars, ") = ", |printer, _, var| match var {
                    Some(var) => printer.name(*var),
                    None => printer.text("_"),
                });
                self.expr(value);
            }
            Expr::Lazy(operator, left, right) => {
                self.expr(left);
                self.text(operator);
                self.expr(right);
            }
            Expr::If(conds, then, other) => {
                self.text("if ");
                self.conds(conds);
                self.block(then);
                if let Some(other) = other {
                    self.text(" else ");
                    self.expr(other);
                }
            }
            Expr::Match(value, arms) => self.arms(value, arms),
            Expr::Loop(label, kind, body) => self.looping(*label, kind, body),
            Expr::Block(label, body) => {
                self.label(*label);
                self.text(if label.is_some() { ": " } else { "" });
                self.block(body);
            }
            Expr::Break(label, value) => {
                self.text("break");
                self.text(if label.is_some() { " " } else { "" });
                self.label(*label);
                self.value(value.as_deref());
            }
            Expr::Continue(label) => {
                self.text("continue");
                self.text(if label.is_some() { " " } else { "" });
                self.label(*label);
            }
            Expr::Return(value) => {
                self.text("return");
                self.value(value.as_deref());
            }
            Expr::Select(head, arms, other) => self.select(head, arms, other.as_ref()),
            Expr::JoinAll(kind, operands) => {
                self.text(kind.path);
                self.list("!(", operands, ")", |printer, _, operand| {
                    printer.given(operand);
                });
            }
            Expr::Inner(Inner { head, body, .. }) => {
                self.text(head);
                self.block(body);
            }
        }
    }

    fn value(&mut self, value: Option<&Expr>) {
        if let Some(value) = value {
            self.text(" ");
            // A label behind `break` would be its target.
            self.operand(value);
        }
    }

    fn given(&mut self, operand: &Operand) {
        match operand {
            Operand::Value(expr) => self.expr(expr),
            Operand::Mut(var) => self.with_name("&mut $", *var),
        }
    }

    fn conds(&mut self, conds: &[Cond]) {
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

    fn arms(&mut self, value: &Expr, arms: &[Arm]) {
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
        self.text("}");
    }

    fn looping(&mut self, label: Option<Label>, kind: &Looping, body: &Block) {
        self.label(label);
        self.text(if label.is_some() { ": " } else { "" });
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

    fn select(&mut self, head: &str, arms: &[SelectArm], other: Option<&Block>) {
        self.text(head);
        self.indent += 1;
        for arm in arms {
            self.next_line();
            self.text(arm.pat);
            self.text(" = ");
            self.given(&arm.future);
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

    fn pat(&mut self, pat: &Pat) {
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
        }
    }
}
