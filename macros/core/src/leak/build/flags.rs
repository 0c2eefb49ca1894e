//! Variables that tell whether a handle has been joined: `done = true` beside a join, or `let r = select! { … }`.
//!
//! A branch that asks one splits the paths: on the side that says "joined" the handle is. What is not `true` or `false`,
//! `Some` or `None`, `Ok` or `Err` is not followed: there, each side that may mean "joined" is taken for it.

use std::collections::{HashMap, HashSet};

use syn::visit::Visit;
use syn::{BinOp, Expr, ExprPath, Lit, Macro, Pat, Stmt, UnOp};

use super::forms::{Outcome, result};
use super::{Binding, Event, Fact, Var, Walk};
use crate::pass::calls::peel;

/// What is known of a flag on one side of a branch: that it is `true`, `Some` or `Ok`, or the contrary.
pub type Known = (Var, Option<bool>);

/// What the walk notes for the end.
#[derive(Default)]
pub struct Flags {
    /// The variables that were joined or moved, in the order of the text.
    joins: Vec<Var>,
    /// The flags that were assigned, and with what.
    assigned: Vec<Known>,
    /// With each flag, what was joined beside its assignment.
    links: HashMap<Var, Vec<Known>>,
    sides: Vec<Side>,
    /// What was joined on the ways to a value, and what the value says.
    values: Vec<(Vec<Var>, Option<bool>)>,
    /// The flags that begin with a value that can be read, and their numbers.
    numbers: HashMap<Var, u32>,
    /// Those that may have a value that cannot.
    unsure: HashSet<Var>,
    /// Results that have a name, and the nodes behind which they are known.
    results: Vec<(Var, usize, Vec<Var>)>,
}

/// One side of a branch that asks flags.
struct Side {
    node: usize,
    known: Vec<Known>,
    joins: Vec<Var>,
}

/// A place in the text.
#[derive(Clone, Copy)]
pub struct Mark {
    joins: usize,
    assigned: usize,
    values: usize,
}

impl Flags {
    pub fn note(&mut self, event: &Event) {
        if let Event::Join(var) | Event::Move(var, _) = event
            && *var < Var::PARKED
        {
            self.joins.push(*var);
        }
    }

    /// What has been joined since, of what was there before.
    fn joined_since(&self, mark: Mark, before: Var) -> Vec<Var> {
        let mut joined: Vec<Var> = self.joins[mark.joins..]
            .iter()
            .copied()
            .filter(|var| *var < before)
            .collect();
        joined.sort_unstable();
        joined.dedup();
        joined
    }
}

impl Walk<'_> {
    pub(super) fn mark(&self) -> Mark {
        Mark {
            joins: self.flags.joins.len(),
            assigned: self.flags.assigned.len(),
            values: self.flags.values.len(),
        }
    }

    /// `flag = value`, where the value is no handle.
    pub(super) fn assigned(&mut self, flag: Var, value: &Expr) {
        let says = says(value);
        self.flags.assigned.push((flag, says));
        let inside = self.bodies.last().is_some_and(|body| flag < body.start);
        if says.is_none() || inside {
            // When a closure or a block runs is not known.
            self.flags.unsure.insert(flag);
        }
        self.set(flag, says);
    }

    /// `let mut flag = value;`, or without a value yet.
    pub(super) fn begins(&mut self, flag: Var, value: Option<&Expr>) {
        let says = value.and_then(says);
        let number = u32::try_from(self.flags.numbers.len()).unwrap_or(Fact::FLAGS);
        if number < Fact::FLAGS && (value.is_none() || says.is_some()) {
            self.flags.numbers.insert(flag, number);
            self.set(flag, says);
        }
    }

    fn set(&mut self, flag: Var, says: Option<bool>) {
        if let Some(number) = self.flags.numbers.get(&flag) {
            let end = Fact::any(*number);
            let begin = says.map_or(0, |value| Fact::flag(*number, value));
            self.event(Event::Facts { end, begin });
        }
    }

    /// Something else may set it.
    pub(super) fn unsure(&mut self, flag: Var) {
        self.flags.unsure.insert(flag);
    }

    /// Something else may set what stands in a place.
    pub(super) fn unsure_in(&mut self, place: &Expr) {
        let mut asked = Asked {
            walk: self,
            flags: Vec::new(),
        };
        asked.visit_expr(place);
        let flags = asked.flags.into_iter().map(|(flag, _)| flag);
        self.flags.unsure.extend(flags.collect::<Vec<_>>());
    }

    /// At the end of a branch: what was assigned in it tells what was joined in it.
    pub(super) fn link(&mut self, mark: Mark, before: Var) {
        if self.flags.assigned.len() == mark.assigned {
            return;
        }
        let joined = self.flags.joined_since(mark, before);
        for index in mark.assigned..self.flags.assigned.len() {
            let (flag, known) = self.flags.assigned[index];
            if flag < before {
                self.flags
                    .links
                    .entry(flag)
                    .or_default()
                    .extend(joined.iter().map(|var| (*var, known)));
            }
        }
    }

    /// `let flag = select! { … }`: its value tells which branch it was.
    pub(super) fn link_value(&mut self, flag: Var, mark: Mark, before: Var) {
        let ways = self.flags.values.split_off(mark.values);
        let mut links: Vec<Known> = ways
            .into_iter()
            .flat_map(|(joined, says)| joined.into_iter().map(move |var| (var, says)))
            .filter(|(var, _)| *var < before)
            .collect();
        for var in self.flags.joined_since(mark, before) {
            if links.iter().all(|(linked, _)| *linked != var) {
                links.push((var, None));
            }
        }
        self.flags.links.entry(flag).or_default().extend(links);
    }

    /// At the end of a way to a value.
    pub(super) fn way(&mut self, mark: Mark, before: Var, value: &Expr) {
        let joined = self.flags.joined_since(mark, before);
        if !joined.is_empty() {
            self.flags.values.push((joined, says(value)));
        }
    }

    pub(super) fn way_of_block(&mut self, mark: Mark, before: Var, block: &syn::Block) {
        if let Some(Stmt::Expr(tail, None)) = block.stmts.last() {
            self.way(mark, before, tail);
        }
    }

    /// `let flag = timeout(time, &mut h).await;`: what has been joined where the flag says so.
    pub(super) fn name_result(&mut self, flag: Var, vars: &[Var], when: bool) {
        let links = vars.iter().map(|var| (*var, Some(when)));
        self.flags.links.entry(flag).or_default().extend(links);
        self.flags.results.push((flag, self.at, vars.to_vec()));
        self.then();
    }

    /// The flags that a condition asks: what is known of them where it holds, and where it does not.
    pub(super) fn asked(&mut self, condition: &Expr) -> (Vec<Known>, Vec<Known>) {
        match peel(condition) {
            Expr::Unary(inner) if matches!(inner.op, UnOp::Not(_)) => {
                let (holds, fails) = self.asked(&inner.expr);
                (fails, holds)
            }
            Expr::Binary(inner) if matches!(inner.op, BinOp::And(_) | BinOp::Or(_)) => {
                let and = matches!(inner.op, BinOp::And(_));
                let (left, right) = (self.asked(&inner.left), self.asked(&inner.right));
                let all = |one: Vec<Known>, other: Vec<Known>| one.into_iter().chain(other);
                let any = |one: Vec<Known>, other: Vec<Known>| {
                    // What asks no flag may decide it alone.
                    let free = one.is_empty() || other.is_empty();
                    let unsure = |(flag, _): Known| (!free).then_some((flag, None));
                    all(one, other).filter_map(unsure).collect()
                };
                if and {
                    (all(left.0, right.0).collect(), any(left.1, right.1))
                } else {
                    (any(left.0, right.0), all(left.1, right.1).collect())
                }
            }
            Expr::Path(path) => split(self.flag(path), Some(true)),
            Expr::Let(inner) => match looked_through(&inner.expr) {
                Expr::Path(path) => {
                    let (holds, mut fails) = split(self.flag(path), told_by(&inner.pat));
                    for (_, told) in &mut fails {
                        *told = told_otherwise(&inner.pat);
                    }
                    (holds, fails)
                }
                other => self.asked(other),
            },
            Expr::MethodCall(call) if call.args.is_empty() => {
                let told = match &*call.method.to_string() {
                    "is_some" | "is_ok" => Some(true),
                    "is_none" | "is_err" => Some(false),
                    _ => None,
                };
                match looked_through(&call.receiver) {
                    Expr::Path(path) => split(self.flag(path), told),
                    other => self.asked(other),
                }
            }
            other => {
                let mut asked = Asked {
                    walk: self,
                    flags: Vec::new(),
                };
                asked.visit_expr(other);
                (asked.flags.clone(), asked.flags)
            }
        }
    }

    /// The flag that an expression is, or looks at.
    pub(super) fn flag_of(&self, expr: &Expr) -> Option<Var> {
        match looked_through(expr) {
            Expr::Path(path) => self.flag(path),
            _ => None,
        }
    }

    fn flag(&self, path: &ExprPath) -> Option<Var> {
        let name = path.path.get_ident()?.to_string();
        match self.bound.get(&name)?.last()? {
            Binding::Var(var) => Some(*var).filter(|var| !self.flow.vars[var.0 as usize].holds),
            _ => None,
        }
    }

    /// One side of a branch has been read: it begins with `node`.
    pub(super) fn side(&mut self, node: usize, known: &[Known], mark: Mark, before: Var) {
        if !known.is_empty() {
            self.flags.sides.push(Side {
                node,
                known: known.to_vec(),
                joins: self.flags.joined_since(mark, before),
            });
        }
    }

    /// At the end of the function: the sides that may mean "joined". Where all that a flag is ever set to can be read, they
    /// mean it but for a handle that may be alive while the flag has that value.
    pub(super) fn tell(&mut self) {
        for (flag, node, vars) in std::mem::take(&mut self.flags.results) {
            let asks = |side: &Side| side.known.iter().any(|(asked, _)| *asked == flag);
            if !self.flags.sides.iter().any(asks) {
                // Whoever has the result may ask it.
                let joins = vars.into_iter().map(Event::Join);
                self.flow.nodes[node].events.extend(joins);
            }
        }
        for side in std::mem::take(&mut self.flags.sides) {
            for (flag, value) in side.known {
                if self.flow.vars[flag.0 as usize].holds {
                    continue;
                }
                let Some(links) = self.flags.links.get(&flag) else {
                    continue;
                };
                let number = self.flags.numbers.get(&flag);
                let sure = number.filter(|_| !self.flags.unsure.contains(&flag));
                let first = &mut self.flow.nodes[side.node].events;
                if let (Some(number), Some(value)) = (sure, value) {
                    let end = Fact::flag(*number, !value);
                    first.insert(0, Event::Facts { end, begin: 0 });
                }
                for (var, when) in links {
                    let may = match (value, when) {
                        (Some(value), Some(when)) => value == *when,
                        _ => true,
                    };
                    if may && !side.joins.contains(var) {
                        let event = match (sure, value) {
                            (Some(number), Some(value)) => {
                                Event::Only(*var, Fact::flag(*number, value))
                            }
                            _ => Event::Clear(*var),
                        };
                        first.insert(0, event);
                    }
                }
            }
        }
    }
}

/// What `&flag` and `flag.as_ref()` look at, which says the same.
fn looked_through(expr: &Expr) -> &Expr {
    match peel(expr) {
        Expr::Reference(inner) => looked_through(&inner.expr),
        Expr::MethodCall(call)
            if call.args.is_empty() && LOOKED_THROUGH.iter().any(|name| call.method == name) =>
        {
            looked_through(&call.receiver)
        }
        other => other,
    }
}

const LOOKED_THROUGH: &[&str] = &[
    "as_deref",
    "as_deref_mut",
    "as_mut",
    "as_ref",
    "clone",
    "cloned",
    "copied",
];

/// What is known where a test of a flag holds, and where it does not.
fn split(flag: Option<Var>, told: Option<bool>) -> (Vec<Known>, Vec<Known>) {
    match flag {
        Some(flag) => (vec![(flag, told)], vec![(flag, told.map(|told| !told))]),
        None => (Vec::new(), Vec::new()),
    }
}

/// What a pattern tells of a flag that it matches.
pub fn told_by(pattern: &Pat) -> Option<bool> {
    match (result(pattern), pattern) {
        (Outcome::Ok { .. }, _) => Some(true),
        (Outcome::Err { .. }, _) => Some(false),
        (_, Pat::Lit(literal)) => match &literal.lit {
            Lit::Bool(literal) => Some(literal.value),
            _ => None,
        },
        _ => None,
    }
}

/// What it tells of one that it does not match.
pub fn told_otherwise(pattern: &Pat) -> Option<bool> {
    let all = match result(pattern) {
        Outcome::Ok { all } | Outcome::Err { all } => all,
        _ => matches!(pattern, Pat::Lit(_)),
    };
    told_by(pattern).filter(|_| all).map(|told| !told)
}

/// What a value says when it is asked.
fn says(value: &Expr) -> Option<bool> {
    match peel(value) {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Bool(literal) => Some(literal.value),
            _ => None,
        },
        Expr::Block(block) => match block.block.stmts.last()? {
            Stmt::Expr(tail, None) => says(tail),
            _ => None,
        },
        Expr::Call(call) => match peel(&call.func) {
            Expr::Path(path) => variant(path),
            _ => None,
        },
        Expr::Path(path) => variant(path),
        _ => None,
    }
}

fn variant(path: &ExprPath) -> Option<bool> {
    let last = &path.path.segments.last()?.ident;
    if last == "Some" || last == "Ok" {
        Some(true)
    } else if last == "None" || last == "Err" {
        Some(false)
    } else {
        None
    }
}

/// Finds the flags in an expression.
struct Asked<'w, 'a> {
    walk: &'w Walk<'a>,
    flags: Vec<Known>,
}

impl<'ast> Visit<'ast> for Asked<'_, '_> {
    fn visit_expr_path(&mut self, path: &'ast ExprPath) {
        if let Some(flag) = self.walk.flag(path) {
            self.flags.push((flag, None));
        }
    }

    fn visit_macro(&mut self, mac: &'ast Macro) {
        super::macros::names_in(mac.tokens.clone(), &mut |name| {
            let bindings = self.walk.bound.get(name);
            if let Some(Binding::Var(var)) = bindings.and_then(|bindings| bindings.last()) {
                self.flags.push((*var, None));
            }
        });
    }

    fn visit_block(&mut self, _: &'ast syn::Block) {}
}

/// Whether the value of an expression depends on which way it went.
pub fn branches(expr: &Expr) -> bool {
    match peel(expr) {
        Expr::If(_) | Expr::Match(_) | Expr::Loop(_) => true,
        Expr::Block(block) => block.label.is_some(),
        Expr::Macro(inner) => inner
            .mac
            .path
            .segments
            .last()
            .is_some_and(|last| last.ident == "select" || last.ident == "select_biased"),
        Expr::Await(inner) => branches(&inner.base),
        Expr::Try(inner) => branches(&inner.expr),
        Expr::MethodCall(call) => branches(&call.receiver),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
