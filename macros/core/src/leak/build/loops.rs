//! Loops. A loop over a collection takes an item in each round; the others are lost where the loop is left early, unless
//! the collection is still there.

use std::collections::HashSet;

use syn::ext::IdentExt;
use syn::{Block, Expr, ExprForLoop, ExprLoop, ExprWhile, Label, Pat};

use super::exprs::Place;
use super::values::{Held, Value};
use super::{Access, Binding, CfgBuilder, End, Event, Frame, LeakKind, Many, Rest, Var, VarInfo};
use crate::scan::peel;

/// What a `for` goes over.
#[derive(Clone, Copy)]
enum Items {
    /// A variable with handles, taken by value; the loop owns it.
    Owned(Var),
    /// An iterator that creates a handle in each round.
    Lazy(Var),
    /// A borrowed collection, its present item, and the items that the loop is done with.
    Lent([Var; 3]),
    /// A collection that is only looked at.
    Looked(Var),
    /// `0..hs.len()`
    Counted(Var),
    Other,
}

impl CfgBuilder<'_> {
    fn enter_loop(
        &mut self,
        label: Option<&Label>,
        after: usize,
        again: usize,
        items: Option<Var>,
        lent: Option<[Var; 3]>,
    ) {
        let result = self.temp();
        let start = self.next_var();
        self.enter_frame(Frame {
            label: label.map(|label| label.name.ident.unraw().to_string()),
            is_loop: true,
            after,
            again: Some(again),
            start,
            items: items.unwrap_or(start),
            lent,
            result,
            value: None,
        });
    }

    fn loop_body(&mut self, body: &Block) {
        let value = self.block(body, LeakKind::EndOfBlock);
        self.consume(value);
    }

    pub(super) fn endless(&mut self, inner: &ExprLoop) -> Value {
        let after = self.node();
        let head = self.then();
        self.enter_loop(inner.label.as_ref(), after, head, None, None);
        let consumed = self.consumed.len();
        self.loop_body(&inner.body);
        self.consumed.truncate(consumed);
        self.edge(self.at, head);
        self.at = after;
        self.leave_frame()
    }

    pub(super) fn while_loop(&mut self, inner: &ExprWhile) -> Value {
        let after = self.node();
        let head = self.then();
        self.enter_loop(inner.label.as_ref(), after, head, None, None);
        let (scope, start) = (self.scope.len(), self.next_var());
        let asked = self.asked(&inner.cond);
        let (taps, consumed) = (self.taps.len(), self.consumed.len());
        let failed = self.condition(&inner.cond);
        let end = self.next_var();
        let (first, mark) = (self.then(), self.mark());
        self.loop_body(&inner.body);
        self.consumed.truncate(consumed);
        let emptied = self.emptied(taps, first, start, &asked);
        self.side(first, &asked, mark, start);
        let close = inner.body.brace_token.span.close();
        self.drop_from(start, LeakKind::EndOfBlock, close);
        self.leave_scope(scope);
        self.edge(self.at, head);
        self.merge(failed);
        for var in emptied {
            self.event(Event::Clear(var));
        }
        let mark = self.mark();
        self.side(self.at, &asked, mark, start);
        self.drop_between(start, end, LeakKind::EndOfStatement, inner.while_token.span);
        self.edge(self.at, after);
        self.at = after;
        self.leave_frame();
        Value::None
    }

    pub(super) fn for_loop(&mut self, inner: &ExprForLoop) -> Value {
        let items = self.items(&inner.expr);
        let endless = matches!(peel(&inner.expr), Expr::Range(range) if range.end.is_none());
        let after = self.node();
        let head = self.node();
        let skip = self.fork();
        let done = self.node();
        if !endless {
            self.edge(skip, done);
            self.edge(head, done);
            self.edge(done, after);
        }
        match &items {
            // The loop ends when nothing is left.
            Items::Owned(var) => self.on(done, Event::Clear(*var)),
            // Without a round it was empty.
            Items::Looked(var) | Items::Counted(var) => self.on(skip, Event::Clear(*var)),
            Items::Lent([collection, item, seen]) => {
                self.on(done, Event::Clear(*collection));
                let at = std::mem::replace(&mut self.at, done);
                self.give_back(*collection, *item, *seen);
                self.at = at;
            }
            Items::Lazy(_) | Items::Other => {}
        }
        let (first, taps) = (self.then(), self.taps.len());
        let latch = self.node();
        self.edge(latch, head);
        self.edge(head, first);
        let consumed = self.consumed.len();
        let (mut owned, mut lent) = (None, None);
        match items {
            Items::Owned(var) => {
                owned = Some(var);
                self.consumed.push(var);
            }
            Items::Lent(vars) => {
                lent = Some(vars);
                self.consumed.extend(vars);
                self.on(latch, Event::Put(vars[1], vars[2], End::Back));
            }
            _ => {}
        }
        self.enter_loop(inner.label.as_ref(), after, latch, owned, lent);
        let (scope, start) = (self.scope.len(), self.next_var());
        self.then();
        self.declare_item(&inner.pat, &items);
        self.loop_body(&inner.body);
        self.consumed.truncate(consumed);
        for var in self.emptied(taps, first, start, &[]) {
            self.on(done, Event::Clear(var));
        }
        let close = inner.body.brace_token.span.close();
        self.drop_from(start, LeakKind::EndOfBlock, close);
        self.leave_scope(scope);
        self.edge(self.at, latch);
        self.at = after;
        self.leave_frame();
        Value::None
    }

    /// Evaluates what a `for` goes over.
    fn items(&mut self, expr: &Expr) -> Items {
        let value = self.value(expr);
        match self.gather(value) {
            Value::Handles(held) if held.lazy => {
                let parked = self.park();
                self.event(Event::Move(held.var, parked));
                Items::Lazy(parked)
            }
            Value::Handles(held) if !held.stored => {
                let many = held.many.or_else(|| self.many(held.var));
                let optional = self.info(held.var).is_some_and(|info| info.optional);
                let var = self.var(VarInfo {
                    of: Some(held.var),
                    optional,
                    many,
                    rest: Some(Rest::Items),
                    tuple: self.info(held.var).is_some_and(|info| info.tuple),
                    ..VarInfo::default()
                });
                self.event(Event::Move(held.var, var));
                if many == Some(Many::Map) {
                    self.event(Event::Pack(var, 1));
                }
                Items::Owned(var)
            }
            Value::Ref(var, Access::Await | Access::Iter) if self.many(var).is_some() => {
                Items::Lent([var, self.temp_of(var), self.temp_of(var)])
            }
            Value::Ref(var, Access::Look) => Items::Looked(var),
            Value::None => self.counted(expr).map_or(Items::Other, Items::Counted),
            value => {
                self.consume(value);
                Items::Other
            }
        }
    }

    /// The variable of a `for`.
    fn declare_item(&mut self, pattern: &Pat, items: &Items) {
        match *items {
            Items::Owned(var) => {
                let taken = self.take_item(var, self.end_of(var, End::Front));
                let item = self.moved(taken);
                let mut binds = Vec::new();
                let held = Held {
                    optional: self.info(var).is_some_and(|info| info.optional),
                    ..Held::of(item)
                };
                self.bind(pattern, Value::Handles(held), &mut binds);
                self.declare_all(binds);
            }
            Items::Lazy(var) => {
                let item = self.temp();
                self.event(Event::Copy(var, item));
                let mut binds = Vec::new();
                self.bind(pattern, Value::Handles(Held::of(item)), &mut binds);
                self.declare_all(binds);
            }
            Items::Lent([collection, item, _]) => {
                let taken = self.take_item(collection, self.end_of(collection, End::Front));
                self.event(Event::Move(taken, item));
                self.declare_references(pattern, item, Access::Await);
            }
            Items::Looked(var) => self.declare_references(pattern, var, Access::Look),
            Items::Counted(_) | Items::Other => self.declare_others(pattern),
        }
    }

    fn declare_references(&mut self, pattern: &Pat, var: Var, access: Access) {
        let mut names = Vec::new();
        super::forms::bindings(pattern, &mut names);
        for name in names {
            self.declare(name.ident.unraw().to_string(), Binding::Ref(var, access));
        }
    }

    /// Notes that an item is taken out of a collection. In a loop, the exits from here on leave the others behind.
    pub(super) fn tap(&mut self, var: Var, by_index: bool) {
        self.taps.push((var, by_index));
        let frames = self.bodies.last().map_or(&[][..], |body| &body.frames);
        if frames.iter().any(|frame| frame.is_loop) {
            self.consumed.push(var);
        } else if self.taps.iter().filter(|(tap, _)| *tap == var).count() > 1 {
            // The code has counted what it takes one by one.
            self.event(Event::Counted(var));
        }
    }

    /// What the body of a loop, which begins with `first`, takes out of collections from before, without putting anything
    /// in: `for _ in 0..count { tasks.next().await; }`. Such a loop is taken to go round until they are empty, unless its
    /// condition asks them.
    fn emptied(&self, taps: usize, first: usize, before: Var, asked: &[Var]) -> HashSet<Var> {
        let tapped = self.taps[taps..]
            .iter()
            .filter(|(var, by_index)| *var < before && (*by_index || !asked.contains(var)));
        let mut emptied: HashSet<Var> = tapped.map(|(var, _)| *var).collect();
        if emptied.is_empty() {
            return emptied;
        }
        for event in self.cfg.nodes[first..].iter().flat_map(|node| &node.events) {
            match event {
                // An item that goes back.
                Event::Put(from, var, _)
                    if self.info(*from).is_some_and(|i| i.of == Some(*var)) => {}
                Event::Create(var, _) | Event::Move(_, var) | Event::Put(_, var, _) => {
                    emptied.remove(var);
                }
                Event::Drop(vars, exit) if self.cfg.exits[*exit].kind == LeakKind::Overwritten => {
                    emptied.remove(&vars.start);
                }
                _ => {}
            }
        }
        emptied
    }

    /// The variable whose elements are counted: `0..hs.len()`.
    fn counted(&mut self, items: &Expr) -> Option<Var> {
        let Expr::Range(range) = peel(items) else {
            return None;
        };
        match peel(range.end.as_deref()?) {
            Expr::MethodCall(call) if call.method == "len" => match self.place(&call.receiver) {
                Place::Var(var) => Some(var),
                _ => None,
            },
            _ => None,
        }
    }
}
