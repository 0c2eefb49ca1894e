//! Variables that tell whether a handle has been joined: `done = true` beside a join, or `let won = select! { … }`.
//!
//! Such a *flag* is a local without handles that is assigned in a branch that joins a handle, or whose initial value
//! branches over the join. Where a later branch asks it, and one of the sides joins the handle, replaces it or leaves, each
//! side that does not join it counts as the side where it has been joined. What the flag was set to is not followed (J5).
//!
//! Without this, `if !done { h.await; }` after a `select!` loop would be refused, and there is no other way to write it.

use std::collections::HashMap;

use quote::ToTokens;
use syn::{BinOp, Expr};

use super::{Binding, CfgBuilder, Event, LeakKind, Var};
use crate::scan::peel;

#[derive(Default)]
pub(super) struct Flags {
    /// The variables that were joined or moved, in the order of the text.
    joins: Vec<Var>,
    /// The variables that were assigned something without handles.
    assigned: Vec<Var>,
    /// By flag: what was joined beside its assignments.
    links: HashMap<Var, Vec<Var>>,
    sides: Vec<Side>,
}

/// One side of a branch that asks variables.
struct Side {
    /// The position of the branch in the text.
    branch: Var,
    node: usize,
    asked: Vec<Var>,
    joins: Vec<Var>,
    /// The variables that are assigned on it.
    sets: Vec<Var>,
    /// Whether it does not come to its end.
    leaves: bool,
}

/// A position in the text.
#[derive(Clone, Copy)]
pub(super) struct Mark {
    joins: usize,
    assigned: usize,
}

impl Flags {
    pub(super) fn note(&mut self, event: &Event) {
        if let Event::Join(var)
        | Event::Escape(var, _)
        | Event::Move(var, _)
        | Event::Store(var, _)
        | Event::Take(var, ..) = event
            && *var < Var::PARKED
        {
            self.joins.push(*var);
        }
    }

    /// What has been joined since the mark, among the variables before this one.
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

impl CfgBuilder<'_> {
    pub(super) fn mark(&self) -> Mark {
        Mark {
            joins: self.flags.joins.len(),
            assigned: self.flags.assigned.len(),
        }
    }

    /// `flag = value`, where the value has no handle.
    pub(super) fn assigned(&mut self, flag: Var) {
        self.flags.assigned.push(flag);
    }

    /// At the end of a branch: links the variables that it has assigned to those that it has joined.
    pub(super) fn link(&mut self, mark: Mark, before: Var) {
        if self.flags.assigned.len() == mark.assigned {
            return;
        }
        let joined = self.flags.joined_since(mark, before);
        for index in mark.assigned..self.flags.assigned.len() {
            let flag = self.flags.assigned[index];
            if flag < before {
                self.link_to(flag, &joined);
            }
        }
    }

    /// `let flag = select! { … }`: its value tells which branch it was.
    pub(super) fn link_value(&mut self, flag: Var, mark: Mark, before: Var) {
        let joined = self.flags.joined_since(mark, before);
        self.link_to(flag, &joined);
    }

    fn link_to(&mut self, flag: Var, joined: &[Var]) {
        self.flags.links.entry(flag).or_default().extend(joined);
    }

    /// The variables that a condition may ask.
    pub(super) fn asked(&self, condition: &Expr) -> Vec<Var> {
        match peel(condition) {
            Expr::Binary(inner) if matches!(inner.op, BinOp::And(_) | BinOp::Or(_)) => {
                let mut asked = self.asked(&inner.left);
                asked.extend(self.asked(&inner.right));
                asked
            }
            // Its pattern asks nothing.
            Expr::Let(inner) => self.asked(&inner.expr),
            other => {
                let mut asked = Vec::new();
                super::macros::names_outside_blocks(other.to_token_stream(), &mut |name| {
                    if let Some(Binding::Var(var) | Binding::Ref(var, _)) = self.binding(name) {
                        asked.push(var);
                    }
                });
                asked
            }
        }
    }

    /// One side of a branch has been read: it begins with `node`.
    pub(super) fn side(&mut self, node: usize, asked: &[Var], mark: Mark, before: Var) {
        if !asked.is_empty() {
            let events = self.cfg.nodes[node..].iter().flat_map(|node| &node.events);
            let sets = events.filter_map(|event| match event {
                Event::Drop(vars, exit) => {
                    (self.cfg.exits[*exit].kind == LeakKind::Overwritten).then_some(vars.start)
                }
                _ => None,
            });
            self.flags.sides.push(Side {
                sets: sets.collect(),
                node,
                branch: before,
                leaves: self.dead.contains(&self.at),
                asked: asked.to_vec(),
                joins: self.flags.joined_since(mark, before),
            });
        }
    }

    /// At the end of the function, when all assignments are known.
    pub(super) fn finish_flags(&mut self) {
        let sides = std::mem::take(&mut self.flags.sides);
        for side in &sides {
            for flag in side.asked.iter().copied() {
                if self.info(flag).is_none_or(|info| info.holds) {
                    continue;
                }
                for var in self.flags.links.get(&flag).into_iter().flatten() {
                    let told = sides.iter().any(|other| {
                        other.branch == side.branch
                            && (other.leaves
                                || other.joins.contains(var)
                                || other.sets.contains(var))
                    });
                    if told && !side.joins.contains(var) {
                        let events = &mut self.cfg.nodes[side.node].events;
                        events.insert(0, Event::Clear(*var));
                    }
                }
            }
        }
    }
}

/// Whether the value of an expression depends on the path that it took.
pub(super) fn branches(expr: &Expr) -> bool {
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
