//! `select!`: what its branches wait for, and what each does when it wins.

use std::collections::HashSet;

use syn::spanned::Spanned;
use syn::{Expr, Macro};

use super::forms::is_irrefutable;
use super::patterns::Subject;
use super::values::{Completion, Held, Value, either};
use super::{CfgBuilder, Event, LeakKind};
use crate::scan::peel;
use crate::scan::select::{Branch, Select};

impl CfgBuilder<'_> {
    /// `None` if the input cannot be read.
    pub(super) fn select(&mut self, mac: &Macro) -> Option<Value> {
        let Select { branches, .. } = mac.parse_body().ok()?;
        let lends = self.lends_names(mac);
        let result = self.temp();
        let mut completions: Vec<Vec<Completion>> = Vec::new();
        // By branch: a handle that the others drop.
        let mut given: Vec<(usize, Held, usize)> = Vec::new();
        for (index, branch) in branches.iter().enumerate() {
            if let Some(condition) = branch.condition() {
                self.used(condition);
            }
            let Some((pattern, future)) = branch.future() else {
                completions.push(Vec::new());
                continue;
            };
            let lent = lends && matches!(peel(future), Expr::Path(_));
            let (completed, held) = self.waited(future, lent, branches.len() > 1);
            for held in held {
                let exit = self.exit(LeakKind::Select, future.span());
                self.cfg.exits[exit].at_spawn = held.fresh;
                given.push((index, held, exit));
            }
            completions.push(completed);
            if !is_irrefutable(pattern) {
                // Where the pattern does not match, a handle has completed and the other branches go on.
                completions[index].retain(|completion| {
                    let whole = matches!(completion, Completion::Of(_));
                    if whole {
                        self.complete(*completion);
                    }
                    !whole
                });
            }
        }
        let before = self.at;
        let (mut ends, mut value) = (Vec::new(), None);
        for (index, branch) in branches.iter().enumerate() {
            self.at = before;
            let first = self.then();
            for (own, held, _) in &given {
                if *own == index {
                    self.event(Event::Join(held.var));
                }
            }
            let (mark, around) = (self.mark(), self.next_var());
            let (scope, start) = (self.scope.len(), self.next_var());
            self.arrive(branch, &completions[index], &completions);
            let handled = self.value(&branch.handler);
            let held = self.store(handled, result);
            value = either(value, held);
            self.drop_from(start, LeakKind::EndOfBlock, branch.handler.span());
            self.leave_scope(scope);
            self.link(mark, around);
            if self.goes_on(first) {
                // The others are dropped when this branch wins.
                for (own, held, exit) in given.iter().rev() {
                    if *own != index {
                        let lost = Event::Drop(held.var.alone(), *exit);
                        self.cfg.nodes[first].events.insert(0, lost);
                    }
                }
            }
            ends.push(self.at);
        }
        if branches.is_empty() {
            ends.push(before);
        }
        self.merge(ends);
        Some(value.map_or(Value::None, Value::Handles))
    }

    /// Whether it is futures' own, which borrows what a branch names: the others go on after it.
    fn lends_names(&self, mac: &Macro) -> bool {
        let resolved = self.resolver.resolve_macro(&mac.path);
        mac.path
            .segments
            .last()
            .is_some_and(|last| last.ident == "select_biased")
            || resolved.is_some_and(|path| path[0] == "futures" || path[0] == "futures_util")
    }

    /// What a branch waits for: a handle that it owns is dropped when another branch wins, one that it borrows has completed
    /// when the branch wins.
    fn waited(&mut self, future: &Expr, lent: bool, others: bool) -> (Vec<Completion>, Vec<Held>) {
        if let Some((argument, field)) = self.argument_place(future) {
            // `_ = self.task.as_mut().unwrap() => …`
            self.touch(argument, field.as_deref());
        }
        let value = if lent {
            self.reference(future, true)
        } else {
            self.value(future)
        };
        match value {
            Value::Handles(held) if self.info(held.var).is_some_and(|i| i.item_of.is_some()) => {
                (self.put_back(held).into_iter().collect(), Vec::new())
            }
            Value::Handles(held) if others && !held.lazy && !held.stored => {
                (Vec::new(), vec![held])
            }
            Value::Race(parts) if others => {
                let held = parts.into_iter().filter_map(|part| match part {
                    Value::Handles(held) if !held.lazy && !held.stored => Some(held),
                    part => {
                        self.consume(part);
                        None
                    }
                });
                (Vec::new(), held.collect())
            }
            Value::Ref(var, access) => (self.borrow(var, access).into_iter().collect(), Vec::new()),
            Value::WhenOk(all) => (all, Vec::new()),
            value => {
                self.consume(value);
                (Vec::new(), Vec::new())
            }
        }
    }

    /// A branch wins: what it waits for has completed, and its pattern has matched.
    fn arrive(&mut self, branch: &Branch, own: &[Completion], all: &[Vec<Completion>]) {
        let Some((pattern, _)) = branch.future() else {
            // `else`: no pattern has matched, so the collections that were asked are empty.
            for completion in all.iter().flatten() {
                if let Completion::ItemOf(var) = completion {
                    self.event(Event::Clear(*var));
                }
            }
            return;
        };
        // Where the pattern does not match, the other branches go on.
        let mut binds = Vec::new();
        let subject = match self.completed(own) {
            Value::Handles(held) => Subject::var(held.var),
            _ => Subject::None,
        };
        let _ = self.test(pattern, subject, &mut binds);
        self.declare_all(binds);
    }

    /// Whether a path from this node, which has just been read to its end, leaves it: by its end or by an exit.
    fn goes_on(&self, first: usize) -> bool {
        let mut seen = HashSet::from([first]);
        let mut stack = vec![first];
        while let Some(node) = stack.pop() {
            let left = self.cfg.nodes[node].events.iter().any(|event| {
                matches!(event, Event::Drop(_, exit)
                if matches!(
                    self.cfg.exits[*exit].kind,
                    LeakKind::Try
                        | LeakKind::Return
                        | LeakKind::ReturnOfClosure
                        | LeakKind::ReturnOfBlock
                ))
            });
            if node == self.at || node < first || left {
                return true;
            }
            stack.extend(
                self.cfg.nodes[node]
                    .next
                    .iter()
                    .filter(|next| seen.insert(**next)),
            );
        }
        false
    }
}
