//! Closures and async blocks, and the exits of a function or one of them.
//!
//! They are read where they are written: what they do with a handle that they capture counts there.

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::{Block, Expr, ExprClosure, ExprReturn};

use super::tables::Function;
use super::tracked::Returned;
use super::values::{All, Completion, Held, Value, either};
use super::{Body, Capture, CfgBuilder, End, Event, LeakKind, Many, Rest, Spawn, Var};
use crate::scan::peel;

impl CfgBuilder<'_> {
    /// A closure, and what its caller passes as its first argument, if that is known.
    pub(super) fn closure(&mut self, inner: &ExprClosure, argument: Option<Value>) -> Value {
        let moves = inner.capture.is_some();
        let end = end_of(&inner.body);
        let given = match &argument {
            // Where it is not called, there is nothing to call it with.
            Some(Value::Handles(held)) => Some(held.var),
            _ => None,
        };
        let yielded = self.capture(moves, false, end, given, |builder| {
            let mut argument = argument;
            for input in &inner.inputs {
                match argument.take() {
                    Some(value) => {
                        let mut binds = Vec::new();
                        builder.bind(input, value, &mut binds);
                        builder.declare_all(binds);
                    }
                    None => builder.declare_others(input),
                }
            }
            builder.value(&inner.body)
        });
        yielded.map_or(Value::None, |held| Value::Yield(held.var))
    }

    pub(super) fn async_block(&mut self, block: &Block, moves: bool) -> Value {
        let end = block.brace_token.span.close();
        let boxed = self.is_boxed_body();
        let kind = if boxed {
            LeakKind::EndOfFunction
        } else {
            LeakKind::EndOfBlock
        };
        let yielded = self.capture(moves, true, end, None, |builder| builder.block(block, kind));
        // Its output is for the code that awaits it.
        if let Some(held) = yielded {
            if boxed {
                let last = block.stmts.last().map(super::last_of);
                self.give_to_caller(Value::Handles(held), last);
            } else {
                self.event(Event::Join(held.var));
            }
        }
        Value::None
    }

    /// Reads a body that has its own `return` and `?`.
    ///
    /// Whether it ever runs is unknown. What it mentions counts as joined on the path where it does not.
    fn capture(
        &mut self,
        moves: bool,
        is_block: bool,
        end: Span,
        given: Option<Var>,
        read: impl FnOnce(&mut Self) -> Value,
    ) -> Option<Held> {
        let result = self.temp();
        let beside = self.fork_on();
        let (scope, start) = (self.scope.len(), self.next_var());
        let consumed = std::mem::take(&mut self.consumed);
        self.bodies.push(Body {
            start,
            frames: Vec::new(),
            capture: Some(Capture {
                moves,
                mentioned: Vec::new(),
                taken: Vec::new(),
                is_block,
                ends: Vec::new(),
                result,
                value: None,
            }),
        });
        let value = read(self);
        let held = self.store(value, result);
        self.drop_from(start, LeakKind::EndOfBlock, end);
        self.leave_scope(scope);
        let kind = if is_block {
            LeakKind::EndOfAsync
        } else {
            LeakKind::EndOfClosure
        };
        let exit = self.exit(kind, end);
        let last = self.at;
        self.consumed = consumed;
        let capture = self.bodies.pop().and_then(|body| body.capture)?;
        let held = either(held, capture.value);
        let owned = if capture.moves {
            &capture.mentioned
        } else {
            &capture.taken
        };
        for (node, exit) in capture.ends.iter().chain([&(last, exit)]) {
            for var in owned {
                self.on(*node, Event::Drop(var.alone(), *exit));
            }
        }
        for var in owned {
            // What it owns is taken from the bodies around.
            self.take_in(*var);
        }
        for var in capture.mentioned.iter().chain(&given) {
            self.on(beside, Event::Clear(*var));
        }
        let ends = capture.ends.into_iter().map(|(node, _)| node);
        self.merge(ends.chain([last, beside]));
        held
    }

    /// Leaves the function, the closure, or the block.
    fn leave(&mut self, kind: LeakKind, span: Span) {
        self.leave_frames(0);
        let start = self.bodies.last().map_or(Var(0), |body| body.start);
        let exit = self.exit(kind, span);
        self.event(Event::Drop(start..self.next_var(), exit));
        let at = self.at;
        if self.is_function() {
            self.note_leaving();
        }
        if let Some(capture) = self.capturing() {
            capture.ends.push((at, exit));
        }
        self.dead();
    }

    fn capturing(&mut self) -> Option<&mut Capture> {
        self.bodies.last_mut()?.capture.as_mut()
    }

    pub(super) fn returns(&mut self, inner: &ExprReturn) -> Value {
        let value = match &inner.expr {
            Some(expr) => self.value(expr),
            None => Value::None,
        };
        if self.is_function() {
            self.give_to_caller(value, Some(inner.span()));
        } else if let Some(result) = self.capturing().map(|capture| capture.result) {
            let held = self.store(value, result);
            if let Some(capture) = self.capturing() {
                capture.value = either(capture.value, held);
            }
        }
        self.returns_at(inner.return_token.span);
        Value::None
    }

    /// `?`
    pub(super) fn question(&mut self, inner: &Expr, span: Span) -> Value {
        let value = self.value(inner);
        let value = match value {
            Value::None | Value::Handles(_) | Value::WhenOk(_) => value,
            value @ Value::Tuple(_) => self.gather(value),
            value => {
                self.consume(value);
                Value::None
            }
        };
        let side = self.fork_on();
        let asked = self.asked(inner);
        let (mark, start) = (self.mark(), self.next_var());
        self.side(self.at, &asked, mark, start);
        self.side(side, &asked, mark, start);
        let passed = std::mem::replace(&mut self.at, side);
        if let Value::Handles(held) = &value {
            // There is no handle in an `Err` or a `None`.
            self.clear(side, held.var, false);
        }
        self.leave(LeakKind::Try, span);
        self.at = passed;
        match value {
            Value::WhenOk(all) => self.completed(&all),
            Value::Handles(held) => Value::Handles(Held {
                var: self.moved(held.var),
                optional: false,
                ..held
            }),
            value => value,
        }
    }

    /// A macro like `bail!`, which returns an error.
    pub(super) fn bails(&mut self, span: Span) {
        self.returns_at(span);
    }

    /// Whether the async block here is the body that `#[async_trait]` has put in a box.
    fn is_boxed_body(&self) -> bool {
        self.boxed && self.bodies.len() == 1
    }

    /// Whether a `return` here is one of the function.
    fn is_function(&self) -> bool {
        match self.bodies.last().and_then(|body| body.capture.as_ref()) {
            None => true,
            Some(_) => self.boxed && self.bodies.len() == 2,
        }
    }

    fn returns_at(&mut self, span: Span) {
        let kind = match self.bodies.last().and_then(|body| body.capture.as_ref()) {
            _ if self.is_function() => LeakKind::Return,
            Some(capture) if capture.is_block => LeakKind::ReturnOfBlock,
            _ => LeakKind::ReturnOfClosure,
        };
        self.leave(kind, span);
    }

    /// `.await`
    pub(super) fn awaited(&mut self, base: &Expr) -> Value {
        if let Expr::Call(call) = peel(base)
            && call.args.is_empty()
            && let Expr::Path(path) = peel(&call.func)
            && self.known(&path.path) == Some(Function::Never)
        {
            // `pending().await`
            self.dead();
            return Value::None;
        }
        let popped = match peel(base) {
            Expr::MethodCall(call) => call.method == "try_next",
            _ => false,
        };
        if let Some((argument, field)) = self.argument_place(base)
            && !is_lock(base)
        {
            // `self.task.as_mut().unwrap().await`
            self.touch(argument, field.as_deref());
        }
        match self.value(base) {
            Value::Pending(pending) => {
                let (returned, spawn) = *pending;
                self.made(&returned, &spawn)
            }
            Value::WhenOk(all) => Value::WhenOk(all),
            Value::Race(parts) => self.race(parts),
            Value::Handles(held) => self.awaited_handles(held, popped, base.span()),
            value => {
                self.consume(value);
                Value::None
            }
        }
    }

    fn awaited_handles(&mut self, held: Held, popped: bool, span: Span) -> Value {
        match held.future {
            Some(All::TryJoin) => {
                self.lose(held, LeakKind::TryJoin, span);
                Value::None
            }
            Some(All::Select(index)) => {
                let winner = self.temp();
                self.event(Event::Take(held.var, winner, End::Any));
                self.event(Event::Join(winner));
                let rest = self.moved(held.var);
                self.cfg.vars[rest.0 as usize].rest = Some(Rest::Race);
                let mut fields = vec![Value::None; usize::from(index)];
                fields.push(Value::Handles(Held {
                    many: Some(Many::List),
                    ..Held::of(rest)
                }));
                Value::Tuple(fields)
            }
            Some(All::Join) | None => {
                self.event(Event::Join(held.var));
                match self.info(held.var).and_then(|info| info.item_of) {
                    Some(from) if popped => Value::WhenOk(vec![Completion::JoinedOf(from)]),
                    // `set.next().await`: `None` says that the set is empty.
                    Some(_) => Value::Handles(Held {
                        fresh: false,
                        ..held
                    }),
                    None => Value::None,
                }
            }
        }
    }

    /// `select(a, b).await`: one of them has completed, and the output has the other one.
    fn race(&mut self, parts: Vec<Value>) -> Value {
        if !parts.iter().any(|part| matches!(part, Value::Handles(_))) {
            let mut sides = Vec::new();
            for part in parts {
                sides.push(match part {
                    Value::Ref(var, access) => self.borrow(var, access).into_iter().collect(),
                    part => {
                        self.consume(part);
                        Vec::new()
                    }
                });
            }
            return Value::Raced(sides);
        }
        let rest = self.var(super::VarInfo {
            rest: Some(Rest::Race),
            ..super::VarInfo::default()
        });
        let mut paths = Vec::new();
        let before = self.at;
        for winner in 0..parts.len() {
            self.at = before;
            self.then();
            for (index, part) in parts.iter().enumerate() {
                match part {
                    Value::Ref(var, access) => {
                        self.lend(*var);
                        if index == winner {
                            self.join_through(*var, *access);
                        }
                    }
                    part if index == winner => self.consume(part.clone()),
                    Value::Handles(held) if !held.lazy => {
                        self.event(Event::Move(held.var, rest));
                    }
                    part => self.consume(part.clone()),
                }
            }
            paths.push(self.at);
        }
        self.merge(paths);
        self.event(Event::Pack(rest, 1));
        Value::Handles(Held::of(rest))
    }

    /// One of these has completed.
    pub(super) fn either_side(&mut self, sides: &[Vec<Completion>]) {
        let (before, mut paths) = (self.at, Vec::new());
        for side in sides {
            self.at = before;
            self.then();
            self.complete_all(side);
            paths.push(self.at);
        }
        self.merge(paths);
    }

    /// The handles of a call, or the future of them.
    pub(super) fn returned(&mut self, returned: Returned, spawn: Spawn) -> Value {
        if returned.later {
            Value::Pending(Box::new((returned, spawn)))
        } else {
            self.made(&returned, &spawn)
        }
    }

    fn made(&mut self, returned: &Returned, spawn: &Spawn) -> Value {
        match self.create(&returned.shape, spawn) {
            Value::Handles(held) => Value::Handles(Held {
                optional: returned.optional,
                ..held
            }),
            value => value,
        }
    }
}

fn end_of(body: &Expr) -> Span {
    match body {
        Expr::Block(block) => block.block.brace_token.span.close(),
        other => other.span(),
    }
}

/// Whether a future is that of a lock, and not of what it guards.
fn is_lock(base: &Expr) -> bool {
    matches!(peel(base), Expr::MethodCall(call)
        if ["lock", "write"].iter().any(|name| call.method == name))
}
