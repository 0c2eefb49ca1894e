//! Closures and async blocks, and what leaves a function or one of them.
//!
//! They are read where they are written: what one does with a handle that it captures counts there.

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::{Block, Expr, ExprClosure, ExprReturn};

use super::values::{Held, Value, either};
use super::{Body, Capture, Event, Loss, Shape, Walk};
use crate::pass::calls::peel;

impl Walk<'_> {
    pub(super) fn closure(&mut self, inner: &ExprClosure) -> Value {
        let moves = inner.capture.is_some();
        let end = end_of(&inner.body);
        let yielded = self.capture(moves, false, end, |walk| {
            for input in &inner.inputs {
                walk.declare_others(input);
            }
            walk.value(&inner.body)
        });
        yielded.map_or(Value::None, |held| Value::Yield(held.var))
    }

    pub(super) fn async_block(&mut self, block: &Block, moves: bool) -> Value {
        let end = block.brace_token.span.close();
        let loss = if self.is_boxed_body() {
            Loss::EndOfFunction
        } else {
            Loss::EndOfBlock
        };
        let yielded = self.capture(moves, true, end, |walk| walk.block(block, loss));
        // Its output is for whoever awaits it.
        if let Some(held) = yielded {
            self.event(Event::Join(held.var));
        }
        Value::None
    }

    /// Reads a body that has its own `return` and `?`.
    ///
    /// Whether it is ever run is not known. What it mentions it is trusted with: if it never ends, that is not alive
    /// after it; all else goes on as it was.
    fn capture(
        &mut self,
        moves: bool,
        is_block: bool,
        end: Span,
        read: impl FnOnce(&mut Self) -> Value,
    ) -> Option<Held> {
        let result = self.temp();
        let beside = self.fork();
        self.then();
        let (scope, start) = (self.scope.len(), self.next_var());
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
        self.drop_from(start, Loss::EndOfBlock, end);
        self.leave_scope(scope);
        let loss = if is_block {
            Loss::EndOfAsync
        } else {
            Loss::EndOfClosure
        };
        let exit = self.exit(loss, end);
        let last = self.at;
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
            // What one takes is taken from those around it.
            self.take_in(*var);
        }
        for var in &capture.mentioned {
            self.on(beside, Event::Clear(*var));
        }
        let ends = capture.ends.into_iter().map(|(node, _)| node);
        self.meet(ends.chain([last, beside]));
        held
    }

    /// Leaves the function, the closure, or the block.
    fn leave(&mut self, loss: Loss, span: Span) {
        let start = self.bodies.last().map_or(super::Var(0), |body| body.start);
        let exit = self.exit(loss, span);
        self.event(Event::Drop(start..self.next_var(), exit));
        let at = self.at;
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
        match self.capturing().map(|capture| capture.result) {
            Some(result) => {
                let held = self.store(value, result);
                if let Some(capture) = self.capturing() {
                    capture.value = either(capture.value, held);
                }
            }
            None => self.consume(value),
        }
        self.returns_at(inner.return_token.span);
        Value::None
    }

    /// `?`
    pub(super) fn question(&mut self, inner: &Expr, span: Span) -> Value {
        let value = self.value(inner);
        let on = match &value {
            Value::None | Value::Handles(_) | Value::WhenOk(_) => value,
            _ => {
                self.consume(value);
                Value::None
            }
        };
        let side = self.fork();
        self.then();
        if let Some(flag) = self.flag_of(inner) {
            let (mark, start) = (self.mark(), self.next_var());
            self.side(self.at, &[(flag, Some(true))], mark, start);
            self.side(side, &[(flag, Some(false))], mark, start);
        }
        let on_at = std::mem::replace(&mut self.at, side);
        if let Value::Handles(held) = &on {
            // In an `Err` or a `None` there is no handle.
            self.event(Event::Clear(held.var));
        }
        self.leave(Loss::Try, span);
        self.at = on_at;
        match on {
            Value::WhenOk(vars) => {
                self.consume(Value::WhenOk(vars));
                Value::None
            }
            on => on,
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

    fn returns_at(&mut self, span: Span) {
        let loss = match self.bodies.last().and_then(|body| body.capture.as_ref()) {
            None => Loss::Return,
            Some(_) if self.boxed && self.bodies.len() == 2 => Loss::Return,
            Some(capture) if capture.is_block => Loss::ReturnOfBlock,
            Some(_) => Loss::ReturnOfClosure,
        };
        self.leave(loss, span);
    }

    /// `.await`
    pub(super) fn awaited(&mut self, base: &Expr) -> Value {
        if let Expr::Call(call) = peel(base)
            && call.args.is_empty()
            && let Expr::Path(path) = peel(&call.func)
            && path
                .path
                .segments
                .last()
                .is_some_and(|last| last.ident == "pending")
        {
            // `pending().await` never ends.
            self.dead();
            return Value::None;
        }
        match self.value(base) {
            Value::Pending(shape, spawn) => self.create(&shape, &spawn),
            Value::WhenOk(vars) => Value::WhenOk(vars),
            value => {
                self.consume(value);
                Value::None
            }
        }
    }

    /// Makes the handles of a call, or the promise of them.
    pub(super) fn made(&mut self, (shape, later): (Shape, bool), spawn: super::Spawn) -> Value {
        if later {
            Value::Pending(shape, Box::new(spawn))
        } else {
            self.create(&shape, &spawn)
        }
    }
}

fn end_of(body: &Expr) -> Span {
    match body {
        Expr::Block(block) => block.block.brace_token.span.close(),
        other => other.span(),
    }
}
