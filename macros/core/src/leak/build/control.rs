//! `match`, labelled blocks, and the jumps out of loops and blocks.

use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Block, Expr, ExprBreak, ExprContinue, ExprMatch, Lifetime, Lit, Pat};

use super::exprs::Place;
use super::patterns::Subject;
use super::values::{Value, either};
use super::{Binding, CfgBuilder, End, Event, Frame, LeakKind, Var};
use crate::scan::attrs::cfgs;
use crate::scan::peel;

impl CfgBuilder<'_> {
    /// `match`: each arm is tried where the ones before have failed.
    pub(super) fn choose(&mut self, inner: &ExprMatch) -> Value {
        let result = self.temp();
        let start = self.next_var();
        let asked = self.asked(&inner.expr);
        let counted = self.counted_subject(&inner.expr);
        let mut subject = self.subject(&inner.expr);
        let (mut ends, mut value) = (Vec::new(), None);
        for arm in &inner.arms {
            let outer = self.cfgs.len();
            let conditions = cfgs(&arm.attrs);
            // An arm that may not exist lets everything pass.
            let without = (!conditions.is_empty()).then(|| self.fork());
            self.then();
            self.cfgs.extend(conditions);
            let (scope, first) = (self.scope.len(), self.next_var());
            let (pattern, guard) = match &arm.pat {
                Pat::Guard(pattern) => (&*pattern.pat, Some(&*pattern.guard)),
                pattern => (pattern, None),
            };
            let mut failed = self.test_arm(pattern, guard, &mut subject);
            if let Some(var) = counted {
                match says_empty(pattern) {
                    Some(true) if guard.is_none() => self.event(Event::Clear(var)),
                    Some(false) if guard.is_none() => {
                        for node in &failed {
                            self.on(*node, Event::Clear(var));
                        }
                    }
                    _ => {}
                }
            }
            failed.extend(without);
            let (node, mark) = (self.then(), self.mark());
            let body = self.value(&arm.body);
            let held = self.store(body, result);
            value = either(value, held);
            self.drop_from(first, LeakKind::EndOfBlock, end_of(&arm.body));
            self.leave_scope(scope);
            self.link(mark, start);
            self.side(node, &asked, mark, start);
            ends.push(self.at);
            self.cfgs.truncate(outer);
            self.merge(failed);
        }
        if inner.arms.is_empty() {
            self.dead();
        }
        self.merge(ends);
        self.drop_from(
            start,
            LeakKind::EndOfStatement,
            inner.brace_token.span.close(),
        );
        value.map_or(Value::None, Value::Handles)
    }

    /// The collection of `match hs.len()` and `match hs.is_empty()`.
    fn counted_subject(&mut self, expr: &Expr) -> Option<Var> {
        let Expr::MethodCall(call) = peel(expr) else {
            return None;
        };
        if !call.args.is_empty() || call.method != "len" && call.method != "is_empty" {
            return None;
        }
        match self.place(&call.receiver) {
            Place::Var(var) | Place::Ref(var, _) => Some(var),
            _ => None,
        }
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
        // A guard has references only. Where it does not hold, the subject is as before.
        let mut failed = vec![self.fork_on()];
        let scope = self.scope.len();
        let mut names = Vec::new();
        super::forms::bindings(pattern, &mut names);
        for name in names {
            let binding = subject.looked_at().unwrap_or(Binding::Other);
            self.declare(name.ident.unraw().to_string(), binding);
        }
        failed.extend(self.condition(guard));
        self.leave_scope(scope);
        // The path where the pattern does not match is one of `failed`.
        let mut binds = Vec::new();
        let _ = self.test_next(pattern, &mut subject.clone(), &mut binds);
        self.declare_all(binds);
        failed
    }

    pub(super) fn enter_frame(&mut self, frame: Frame) {
        if let Some(body) = self.bodies.last_mut() {
            body.frames.push(frame);
        }
    }

    pub(super) fn leave_frame(&mut self) -> Value {
        self.bodies
            .last_mut()
            .and_then(|body| body.frames.pop())
            .and_then(|frame| frame.value)
            .map_or(Value::None, Value::Handles)
    }

    /// Leaves the frames from this index on: what their loops have borrowed is where it was.
    pub(super) fn leave_frames(&mut self, index: usize) {
        let frames = self.bodies.last().map_or(&[][..], |body| &body.frames);
        let lent = frames.iter().skip(index).filter_map(|frame| frame.lent);
        for [collection, item, done] in lent.collect::<Vec<_>>() {
            self.give_back(collection, item, done);
        }
    }

    pub(super) fn give_back(&mut self, collection: Var, item: Var, done: Var) {
        let end = self.end_of(collection, End::Front);
        self.event(Event::Put(item, collection, end));
        self.event(Event::Put(done, collection, end));
    }

    pub(super) fn labelled(&mut self, block: &Block, label: &Lifetime) -> Value {
        let after = self.node();
        let result = self.temp();
        let start = self.next_var();
        self.enter_frame(Frame {
            label: Some(label.ident.unraw().to_string()),
            is_loop: false,
            after,
            again: None,
            start,
            items: start,
            lent: None,
            result,
            value: None,
        });
        let value = self.block(block, LeakKind::EndOfBlock);
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
            let frame = &self.bodies[self.bodies.len() - 1].frames[index];
            let (items, result, after) = (frame.items, frame.result, frame.after);
            let held = self.store(value, result);
            if let Some(body) = self.bodies.last_mut() {
                body.frames[index].value = either(body.frames[index].value, held);
            }
            self.leave_frames(index);
            self.drop_from(items, LeakKind::Break, inner.break_token.span);
            self.edge(self.at, after);
        } else {
            self.consume(value);
        }
        self.dead();
        Value::None
    }

    pub(super) fn continues(&mut self, inner: &ExprContinue) -> Value {
        if let Some(index) = self.frame(inner.label.as_ref()) {
            let frame = &self.bodies[self.bodies.len() - 1].frames[index];
            let (start, again) = (frame.start, frame.again);
            self.leave_frames(index + 1);
            self.drop_from(start, LeakKind::Continue, inner.continue_token.span);
            if let Some(again) = again {
                self.edge(self.at, again);
            }
        }
        self.dead();
        Value::None
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

fn end_of(body: &Expr) -> Span {
    match body {
        Expr::Block(block) => block.block.brace_token.span.close(),
        other => other.span(),
    }
}

/// Whether a pattern for a length, or for the answer of `is_empty`, says that there is nothing.
fn says_empty(pattern: &Pat) -> Option<bool> {
    let Pat::Lit(literal) = pattern else {
        return None;
    };
    match &literal.lit {
        Lit::Bool(literal) => Some(literal.value),
        Lit::Int(number) if number.base10_digits() == "0" => Some(true),
        _ => None,
    }
}
