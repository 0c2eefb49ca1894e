//! A tree as Rust source, and where its spawns stand in it.

mod flow;

use std::collections::HashMap;
use std::fmt::Write as _;

use super::exit::Exit;
use super::tree::{
    Ask, Block, Body, Expr, Grouping, Holder, Inner, Label, Operand, Pat, Site, Stmt, Var,
};

/// A line, counted from one, and a column, counted from zero.
pub(super) type Place = (usize, usize);

pub(super) struct Printed {
    pub(super) source: String,
    /// From where to where each spawn goes.
    pub(super) sites: Vec<Option<(Place, Place)>>,
    pub(super) exits: HashMap<Exit, Stands>,
}

/// Where an exit is shown, and behind what the path comes to it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stands {
    pub(super) at: Place,
    pub(super) behind: [Place; 2],
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
        exits: HashMap::new(),
        heads: None,
    };
    printer.text(
        "async fn body(this: &mut Holder, limit: Duration, port: Option<u16>, n: u32) -> Result<Answer, Failure> ",
    );
    printer.block(&body.block);
    printer.text("\n");
    Printed {
        source: printer.out,
        sites: printer.sites,
        exits: printer.exits,
    }
}

struct Printer<'a> {
    body: &'a Body,
    out: String,
    line: usize,
    line_start: usize,
    indent: usize,
    sites: Vec<Option<(Place, Place)>>,
    exits: HashMap<Exit, Stands>,
    /// Where the `select!` begins whose futures are printed: they come before all that its branches do.
    heads: Option<Place>,
}

impl Printer<'_> {
    /// An exit stands here.
    fn exit(&mut self, exit: Exit) {
        let at = self.place();
        let behind = [self.heads.unwrap_or(at), at];
        self.exits.insert(exit, Stands { at, behind });
    }

    /// The path comes to an exit behind this place.
    fn behind(&mut self, exit: Exit, place: Place) {
        if let Some(stands) = self.exits.get_mut(&exit) {
            stands.behind = [self.heads.unwrap_or(place), place];
        }
    }

    fn behind_heads(&mut self, exit: Exit, places: [Place; 2]) {
        if let Some(stands) = self.exits.get_mut(&exit) {
            stands.behind = places;
        }
    }

    fn behind_pat(&mut self, pat: &Pat) {
        self.behind(Exit::pat(pat), self.place());
        if let Pat::Tuple(all) | Pat::Slice(all) | Pat::Head(all) | Pat::Fields(all) = pat {
            for pat in all {
                self.behind_pat(pat);
            }
        }
    }

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
            self.text("{");
            self.exit(Exit::end(block));
            return self.text("}");
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
                        self.behind_pat(pat);
                    }
                    if let Some(other) = other {
                        self.text(" else ");
                        self.block(other);
                    }
                }
                Stmt::Expr(expr) => self.expr(expr),
            }
            self.exit(Exit::end_of_stmt(stmt));
            self.text(";");
        }
        if let Some(tail) = &block.tail {
            self.next_line();
            self.expr(tail);
        }
        self.indent -= 1;
        self.next_line();
        self.exit(Exit::end(block));
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

    fn expr(&mut self, expr: &Expr) {
        self.exit(Exit::start(expr));
        self.exit(Exit::operand(expr));
        self.kind(expr);
        let end = self.place();
        self.behind(Exit::start(expr), end);
        self.behind(Exit::operand(expr), end);
        self.behind(Exit::assign(expr), end);
        self.behind(Exit::sign(expr), end);
        self.behind(Exit::method(expr), end);
        match expr {
            Expr::AssignAll(vars, _) => {
                // One after the other.
                for (at, var) in vars.iter().enumerate() {
                    let heads = self.heads.unwrap_or(end);
                    self.behind_heads(Exit::left(var), [heads, (0, at)]);
                }
            }
            Expr::Loop(..) => self.behind(Exit::word(expr), end),
            // What is given is dropped when one of them fails.
            Expr::JoinAll(_, operands) => {
                for operand in operands {
                    if let Operand::Value(expr) = operand {
                        self.behind(Exit::operand(expr), end);
                    }
                }
            }
            _ => {}
        }
    }

    #[expect(clippy::too_many_lines, reason = "there are many kinds")]
    fn kind(&mut self, expr: &Expr) {
        match expr {
            Expr::Plain(text) | Expr::Diverge(text) => self.text(text),
            Expr::Try(inner) => {
                self.operand(inner);
                self.exit(Exit::sign(expr));
                self.text("?");
            }
            Expr::Spawn(site, path, future) => self.spawn(*site, |printer| {
                printer.text(path);
                printer.text("(");
                printer.expr(future);
                printer.text(if *path == "connect" { ").await" } else { ")" });
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
            Expr::Group(Grouping::Struct, all) => {
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
                    Grouping::Tuple | Grouping::Struct => ("(", ")"),
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
            Expr::Next(var) => self.with_name("$.next().await", *var),
            Expr::Pick(var, text) => self.with_name(text, *var),
            Expr::TakeAll(var) => self.with_name("std::mem::take(&mut $)", *var),
            Expr::Replace(var, text, value) => {
                self.with_name(text, *var);
                self.expr(value);
                self.text(")");
            }
            Expr::Lose(var, before, after, _) => {
                self.with_name(before, *var);
                self.exit(Exit::method(expr));
                self.text(after);
            }
            Expr::Wrap(text, inner) => self.hole(text, inner),
            Expr::Race(all) => {
                self.list(
                    "futures::future::select(",
                    all,
                    ").await",
                    |printer, _, expr| {
                        printer.expr(expr);
                    },
                );
            }
            Expr::Starter(site) => {
                self.text("|| ");
                self.spawn(*site, |printer| printer.text("tokio::spawn(work(n))"));
            }
            Expr::Start(var, _) => self.with_name("$()", *var),
            Expr::Put(var, method, value) => {
                self.name(*var);
                self.text(method);
                self.expr(value);
                self.text(")");
            }
            Expr::Assign(var, value) => {
                self.exit(Exit::assign(expr));
                self.name(*var);
                self.text(" = ");
                self.expr(value);
            }
            Expr::AssignAll(vars, value) => {
                self.list("(", vars, ") = ", |printer, _, var| {
                    printer.exit(Exit::left(var));
                    match var {
                        Some(var) => printer.name(*var),
                        None => printer.text("_"),
                    }
                });
                self.expr(value);
            }
            Expr::Lazy(operator, left, right) => {
                self.expr(left);
                self.text(operator);
                self.expr(right);
            }
            Expr::If(conds, then, other) => {
                self.exit(Exit::word(expr));
                self.text("if ");
                self.conds(conds);
                self.block(then);
                self.behind(Exit::word(expr), self.place());
                if let Some(other) = other {
                    self.text(" else ");
                    self.expr(other);
                }
            }
            Expr::Match(value, arms) => {
                self.arms(value, arms);
                self.exit(Exit::end_of_match(expr));
                self.text("}");
            }
            Expr::Loop(label, kind, body) => {
                self.label(*label);
                self.text(if label.is_some() { ": " } else { "" });
                self.exit(Exit::word(expr));
                self.looping(kind, body);
            }
            Expr::Block(label, body) => {
                self.label(*label);
                self.text(if label.is_some() { ": " } else { "" });
                self.block(body);
            }
            Expr::Break(label, value) => {
                self.exit(Exit::sign(expr));
                self.text("break");
                self.text(if label.is_some() { " " } else { "" });
                self.label(*label);
                self.value(value.as_deref());
            }
            Expr::Continue(label) => {
                self.exit(Exit::sign(expr));
                self.text("continue");
                self.text(if label.is_some() { " " } else { "" });
                self.label(*label);
            }
            Expr::Return(value) => {
                self.exit(Exit::sign(expr));
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
}
