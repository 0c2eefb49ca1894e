//! `match`, loops, labelled blocks, and what leaves them.

use std::collections::HashSet;

use proc_macro2::Span;
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{
    BinOp, Block, Expr, ExprBreak, ExprContinue, ExprForLoop, ExprLoop, ExprMatch, ExprWhile,
};
use syn::{Label, Lifetime, Pat};

use super::exprs::Place;
use super::flags::{told_by, told_otherwise};
use super::patterns::Subject;
use super::values::{Value, either};
use super::{About, Binding, Event, Frame, Loss, Var, Walk};
use crate::pass::attrs::cfgs;
use crate::pass::calls::peel;

impl Walk<'_> {
    /// `match`: each arm is tried where those before it have failed.
    pub(super) fn choose(&mut self, inner: &ExprMatch) -> Value {
        let result = self.temp();
        let start = self.next_var();
        let flag = self.flag_of(&inner.expr);
        let (asked, _) = self.asked(&inner.expr);
        let unsure: Vec<_> = asked.into_iter().map(|(flag, _)| (flag, None)).collect();
        // What the arms before have left of the flag.
        let mut left = None;
        let mut subject = self.subject(&inner.expr);
        let (mut ends, mut value) = (Vec::new(), None);
        for arm in &inner.arms {
            let outer = self.cfgs.len();
            let conditions = cfgs(&arm.attrs);
            // An arm that may not exist lets everything by.
            let without = (!conditions.is_empty()).then(|| self.fork());
            self.then();
            self.cfgs.extend(conditions);
            let (scope, first) = (self.scope.len(), self.next_var());
            let (pattern, guard) = match &arm.pat {
                Pat::Guard(pattern) => (&*pattern.pat, Some(&*pattern.guard)),
                pattern => (pattern, None),
            };
            let mut failed = self.test_arm(pattern, guard, &mut subject);
            failed.extend(without);
            let (node, mark) = (self.then(), self.mark());
            let body = self.value(&arm.body);
            let held = self.store(body, result);
            value = either(value, held);
            self.drop_from(first, Loss::EndOfBlock, end_of(&arm.body));
            self.leave_scope(scope);
            self.link(mark, start);
            self.way(mark, start, &arm.body);
            match flag {
                Some(flag) => {
                    let told = told_by(pattern).or(left);
                    self.side(node, &[(flag, told)], mark, start);
                    if guard.is_none() {
                        left = told_otherwise(pattern).or(left);
                    }
                }
                None => self.side(node, &unsure, mark, start),
            }
            ends.push(self.at);
            self.cfgs.truncate(outer);
            self.meet(failed);
        }
        if inner.arms.is_empty() {
            self.dead();
        }
        self.meet(ends);
        self.drop_from(start, Loss::EndOfStatement, inner.brace_token.span.close());
        value.map_or(Value::None, Value::Handles)
    }

    /// Goes on where an arm is taken; returns the ends of the paths where it is not.
    fn test_arm(
        &mut self,
        pattern: &Pat,
        guard: Option<&Expr>,
        subject: &mut Subject,
    ) -> Vec<usize> {
        let Some(guard) = guard else {
            let mut binds = Vec::new();
            let failed = self.test_next(pattern, subject, &mut binds);
            self.declare_all(binds);
            return failed.into_iter().collect();
        };
        // In its guard an arm has but references; what does not hold goes on with the subject as it was.
        let mut failed = vec![self.fork()];
        self.then();
        let scope = self.scope.len();
        let lent = match subject {
            Subject::Var(var) | Subject::Ref(var, _) => Some(*var),
            _ => None,
        };
        let mut names = Vec::new();
        super::forms::bindings(pattern, &mut names);
        for name in names {
            let binding = lent.map_or(Binding::Other, |var| Binding::Ref(var, false));
            self.declare(name.ident.unraw().to_string(), binding);
        }
        failed.extend(self.condition(guard));
        self.leave_scope(scope);
        // That the pattern may not match is said above.
        let mut binds = Vec::new();
        let _ = self.test_next(pattern, &mut subject.clone(), &mut binds);
        self.declare_all(binds);
        failed
    }

    // ---- loops

    fn enter_loop(&mut self, label: Option<&Label>, after: usize, again: Option<usize>) {
        self.enter_frame(label.map(|label| &label.name), after, again, true);
    }

    fn enter_frame(
        &mut self,
        label: Option<&Lifetime>,
        after: usize,
        again: Option<usize>,
        is_loop: bool,
    ) {
        let result = self.temp();
        let start = self.next_var();
        if let Some(body) = self.bodies.last_mut() {
            body.frames.push(Frame {
                label: label.map(|label| label.ident.unraw().to_string()),
                is_loop,
                after,
                again,
                start,
                result,
                value: None,
            });
        }
    }

    fn leave_frame(&mut self) -> Value {
        self.bodies
            .last_mut()
            .and_then(|body| body.frames.pop())
            .and_then(|frame| frame.value)
            .map_or(Value::None, Value::Handles)
    }

    fn loop_body(&mut self, body: &Block) {
        let value = self.block(body, Loss::EndOfBlock);
        self.consume(value);
    }

    pub(super) fn endless(&mut self, inner: &ExprLoop) -> Value {
        let after = self.node();
        let head = self.then();
        self.enter_loop(inner.label.as_ref(), after, Some(head));
        self.loop_body(&inner.body);
        self.edge(self.at, head);
        self.at = after;
        self.leave_frame()
    }

    pub(super) fn while_loop(&mut self, inner: &ExprWhile) -> Value {
        let after = self.node();
        let head = self.then();
        self.enter_loop(inner.label.as_ref(), after, Some(head));
        let (scope, start) = (self.scope.len(), self.next_var());
        let (holds, fails) = self.asked(&inner.cond);
        let asked = self.asked_about(&inner.cond);
        let failed = self.condition(&inner.cond);
        let end = self.next_var();
        let (first, mark, taps) = (self.then(), self.mark(), self.tapped.len());
        self.loop_body(&inner.body);
        let emptied = self.emptied(taps, first, start);
        self.side(first, &holds, mark, start);
        let close = inner.body.brace_token.span.close();
        self.drop_from(start, Loss::EndOfBlock, close);
        self.leave_scope(scope);
        self.edge(self.at, head);
        self.meet(failed);
        for var in emptied {
            if !asked.contains(&var) {
                self.event(Event::Clear(var));
            }
        }
        let mark = self.mark();
        self.side(self.at, &fails, mark, start);
        self.drop_between(start, end, Loss::EndOfStatement, inner.while_token.span);
        self.edge(self.at, after);
        self.at = after;
        self.leave_frame();
        Value::None
    }

    pub(super) fn for_loop(&mut self, inner: &ExprForLoop) -> Value {
        let items = self.value(&inner.expr);
        let items = match items {
            Value::Tuple(_) => self.gather(items),
            items => items,
        };
        // Where an item comes from: what is iterated by value is joined by being drained.
        let mut source = None;
        let (mut lent, mut counted) = (None, None);
        match items {
            Value::Handles(held) if !held.lazy && simple_name(&inner.pat).is_some() => {
                let parked = self.park();
                self.event(Event::Move(held.var, parked));
                source = Some(parked);
            }
            Value::Ref(var, awaits) => lent = Some((var, awaits)),
            Value::None => counted = self.counted(&inner.expr),
            items => self.consume(items),
        }
        let endless = matches!(peel(&inner.expr), Expr::Range(range) if range.end.is_none());
        let after = self.node();
        let head = self.node();
        let skip = self.fork();
        if let Some(var) = lent.map(|(var, _)| var).or(counted) {
            // Without a round there was nothing in it.
            self.on(skip, Event::Clear(var));
        }
        let done = self.node();
        if !endless {
            self.edge(skip, done);
            self.edge(head, done);
            self.edge(done, after);
        }
        let (first, taps) = (self.then(), self.tapped.len());
        let latch = self.node();
        self.edge(latch, head);
        self.edge(head, first);
        self.enter_loop(inner.label.as_ref(), after, Some(latch));
        let (scope, start) = (self.scope.len(), self.next_var());
        self.then();
        match (source, lent) {
            (Some(parked), _) => self.declare_item(&inner.pat, parked),
            (_, Some((var, awaits))) => {
                let mut names = Vec::new();
                super::forms::bindings(&inner.pat, &mut names);
                for name in names {
                    self.declare(name.ident.unraw().to_string(), Binding::Ref(var, awaits));
                }
            }
            _ => self.declare_others(&inner.pat),
        }
        self.loop_body(&inner.body);
        for var in self.emptied(taps, first, start) {
            self.on(done, Event::Clear(var));
        }
        let close = inner.body.brace_token.span.close();
        self.drop_from(start, Loss::EndOfBlock, close);
        self.leave_scope(scope);
        self.edge(self.at, latch);
        self.at = after;
        self.leave_frame();
        Value::None
    }

    /// What the body of a loop, which begins with `first`, takes out of collections that were there before, and puts
    /// nothing into: `for _ in 0..count { tasks.next().await; }`. Whoever wrote that goes round as often as it takes.
    fn emptied(&self, taps: usize, first: usize, before: Var) -> HashSet<Var> {
        let tapped = self.tapped[taps..].iter().filter(|var| **var < before);
        let mut emptied: HashSet<Var> = tapped.copied().collect();
        if emptied.is_empty() {
            return emptied;
        }
        for event in self.flow.nodes[first..]
            .iter()
            .flat_map(|node| &node.events)
        {
            match event {
                Event::Create(var, _) | Event::Move(_, var) => {
                    emptied.remove(var);
                }
                Event::Drop(vars, exit) if self.flow.exits[*exit].loss == Loss::Overwritten => {
                    emptied.remove(&vars.start);
                }
                _ => {}
            }
        }
        emptied
    }

    /// The variables that the condition of a loop asks about: how many are left, say. It only looks for their names.
    fn asked_about(&self, condition: &Expr) -> Vec<Var> {
        let tokens = match peel(condition) {
            Expr::Binary(inner) if matches!(inner.op, BinOp::And(_)) => {
                let mut asked = self.asked_about(&inner.left);
                asked.extend(self.asked_about(&inner.right));
                return asked;
            }
            Expr::Let(inner) => inner.expr.to_token_stream(),
            other => other.to_token_stream(),
        };
        let mut asked = Vec::new();
        super::macros::names_in(tokens, &mut |name| {
            let bindings = self.bound.get(name);
            if let Some(Binding::Var(var) | Binding::Ref(var, _)) = bindings.and_then(|b| b.last())
            {
                asked.push(*var);
            }
        });
        asked
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

    /// The variable of a `for` over handles.
    fn declare_item(&mut self, pattern: &Pat, items: Var) {
        let Some(name) = simple_name(pattern) else {
            return;
        };
        let var = self.var(About {
            name: Some(name.clone()),
            ..About::default()
        });
        self.event(Event::Copy(items, var));
        self.declare(name, Binding::Var(var));
    }

    pub(super) fn labelled(&mut self, block: &Block, label: &Lifetime) -> Value {
        let after = self.node();
        self.enter_frame(Some(label), after, None, false);
        let value = self.block(block, Loss::EndOfBlock);
        let frame = self.bodies.last_mut().and_then(|body| body.frames.pop());
        let Some(frame) = frame else { return value };
        let held = self.store(value, frame.result);
        self.edge(self.at, after);
        self.at = after;
        either(frame.value, held).map_or(Value::None, Value::Handles)
    }

    pub(super) fn breaks(&mut self, inner: &ExprBreak) -> Value {
        let value = match &inner.expr {
            Some(expr) => self.value(expr),
            None => Value::None,
        };
        if let Some(index) = self.frame(inner.label.as_ref()) {
            let (start, result, after) = self.frame_at(index);
            let held = self.store(value, result);
            if let Some(body) = self.bodies.last_mut() {
                body.frames[index].value = either(body.frames[index].value, held);
            }
            self.drop_from(start, Loss::Break, inner.break_token.span);
            self.edge(self.at, after);
        } else {
            self.consume(value);
        }
        self.dead();
        Value::None
    }

    pub(super) fn continues(&mut self, inner: &ExprContinue) -> Value {
        if let Some(index) = self.frame(inner.label.as_ref()) {
            let (start, _, _) = self.frame_at(index);
            self.drop_from(start, Loss::Continue, inner.continue_token.span);
            let again = self.bodies.last().and_then(|body| body.frames[index].again);
            if let Some(again) = again {
                self.edge(self.at, again);
            }
        }
        self.dead();
        Value::None
    }

    fn frame_at(&self, index: usize) -> (Var, Var, usize) {
        self.bodies.last().map_or((Var(0), Var(0), 0), |body| {
            let frame = &body.frames[index];
            (frame.start, frame.result, frame.after)
        })
    }

    fn frame(&self, label: Option<&Lifetime>) -> Option<usize> {
        let frames = &self.bodies.last()?.frames;
        match label {
            Some(label) => {
                let label = label.ident.unraw().to_string();
                frames
                    .iter()
                    .rposition(|frame| frame.label.as_ref() == Some(&label))
            }
            None => frames.iter().rposition(|frame| frame.is_loop),
        }
    }
}

/// The name of `h` and `mut h`.
fn simple_name(pattern: &Pat) -> Option<String> {
    match pattern {
        Pat::Ident(ident)
            if ident.by_ref.is_none()
                && ident.subpat.is_none()
                && !super::forms::is_constant(&ident.ident) =>
        {
            Some(ident.ident.unraw().to_string())
        }
        Pat::Paren(inner) => simple_name(&inner.pat),
        Pat::Type(inner) => simple_name(&inner.pat),
        _ => None,
    }
}

fn end_of(body: &Expr) -> Span {
    match body {
        Expr::Block(block) => block.block.brace_token.span.close(),
        other => other.span(),
    }
}
