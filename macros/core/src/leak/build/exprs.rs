//! Expressions: by value, as places, and as conditions.

use syn::spanned::Spanned;
use syn::{BinOp, Expr, ExprBinary, ExprIf, ExprPath, Lit, UnOp};

use super::values::{Held, Value};
use super::{Binding, Event, Fact, Loss, Var, Walk};
use crate::pass::calls::{self, peel};

/// What an expression stands for where it is not moved: before a `.`, behind a `&`, left of a `=`.
pub enum Place {
    Var(Var),
    /// A field or an element of one.
    Part(Var),
    /// What a reference refers to.
    Ref(Var, bool),
    /// A temporary, or something without handles.
    Value(Value),
}

impl Walk<'_> {
    /// Evaluates an expression whose value is used.
    pub(super) fn value(&mut self, expr: &Expr) -> Value {
        match expr {
            Expr::Lit(_) | Expr::Const(_) | Expr::Infer(_) => Value::None,
            Expr::Path(path) => self.path(path),
            Expr::Paren(inner) => self.value(&inner.expr),
            Expr::Group(inner) => self.value(&inner.expr),
            Expr::Call(call) => self.call(expr, call),
            Expr::MethodCall(call) => self.method_call(expr, call),
            Expr::Await(inner) => self.awaited(&inner.base),
            Expr::Try(inner) => self.question(&inner.expr, inner.question_token.span),
            Expr::Macro(inner) => self.invoke_macro(&inner.mac),
            Expr::Reference(inner) => self.reference(&inner.expr, inner.mutability.is_some()),
            Expr::Tuple(inner) => {
                Value::Tuple(inner.elems.iter().map(|elem| self.value(elem)).collect())
            }
            Expr::Array(inner) => {
                Value::Tuple(inner.elems.iter().map(|elem| self.value(elem)).collect())
            }
            Expr::If(inner) => self.branch(inner),
            Expr::Match(inner) => self.choose(inner),
            Expr::Block(inner) => match &inner.label {
                Some(label) => self.labelled(&inner.block, &label.name),
                None => self.block(&inner.block, Loss::EndOfBlock),
            },
            Expr::Unsafe(inner) => self.block(&inner.block, Loss::EndOfBlock),
            Expr::Loop(inner) => self.endless(inner),
            Expr::While(inner) => self.while_loop(inner),
            Expr::ForLoop(inner) => self.for_loop(inner),
            Expr::Return(inner) => self.returns(inner),
            Expr::Break(inner) => self.breaks(inner),
            Expr::Continue(inner) => self.continues(inner),
            Expr::Closure(inner) => self.closure(inner),
            Expr::Async(inner) => self.async_block(&inner.block, inner.capture.is_some()),
            Expr::TryBlock(inner) => self.async_block(&inner.block, false),
            Expr::Assign(inner) => {
                self.assign(inner);
                Value::None
            }
            Expr::Binary(inner) => self.binary(expr, inner),
            Expr::Struct(inner) => {
                // The fields belong to the struct when all of them are there.
                let fields = inner.fields.iter().map(|field| &field.expr);
                let values: Vec<_> = fields
                    .chain(inner.rest.as_deref())
                    .map(|field| self.value(field))
                    .collect();
                self.consume_all(values);
                Value::None
            }
            Expr::Field(_) | Expr::Index(_) | Expr::Unary(_) => self.part(expr),
            Expr::Let(_) => {
                // Alone it can only stand in a condition.
                self.condition(expr);
                Value::None
            }
            Expr::Cast(inner) => self.used(&inner.expr),
            Expr::Repeat(inner) => self.used(&inner.expr),
            Expr::Range(inner) => {
                for end in [&inner.start, &inner.end].into_iter().flatten() {
                    self.used(end);
                }
                Value::None
            }
            Expr::RawAddr(inner) => self.reference(&inner.expr, true),
            Expr::Yield(inner) => inner
                .expr
                .as_ref()
                .map_or(Value::None, |inner| self.used(inner)),
            other => {
                for var in self.mentioned(quote::ToTokens::to_token_stream(other)) {
                    self.event(Event::Join(var));
                }
                Value::None
            }
        }
    }

    /// An operand: whatever it is, somebody has it.
    pub(super) fn used(&mut self, expr: &Expr) -> Value {
        let value = self.value(expr);
        self.consume(value);
        Value::None
    }

    fn path(&mut self, path: &ExprPath) -> Value {
        match self.local(&path.path) {
            Some(Binding::Var(var)) if path.qself.is_none() => {
                let to = self.moved(var);
                self.take_in(var);
                let about = &self.flow.vars[var.0 as usize];
                Value::Handles(Held {
                    owned: about.owned,
                    optional: about.optional,
                    ..Held::of(to)
                })
            }
            Some(Binding::Ref(var, awaits)) => Value::Ref(var, awaits),
            _ => Value::None,
        }
    }

    /// Evaluates an expression that is not moved.
    pub(super) fn place(&mut self, expr: &Expr) -> Place {
        match expr {
            Expr::Paren(inner) => self.place(&inner.expr),
            Expr::Group(inner) => self.place(&inner.expr),
            Expr::Path(path) => match self.local(&path.path) {
                Some(Binding::Var(var)) => Place::Var(var),
                Some(Binding::Ref(var, awaits)) => Place::Ref(var, awaits),
                _ => Place::Value(Value::None),
            },
            Expr::Field(inner) => self.projected(&inner.base),
            Expr::Index(inner) => {
                let place = self.projected(&inner.expr);
                self.used(&inner.index);
                place
            }
            Expr::Unary(inner) if matches!(inner.op, UnOp::Deref(_)) => {
                match self.place(&inner.expr) {
                    Place::Var(var) => Place::Part(var),
                    other => other,
                }
            }
            other => Place::Value(self.value(other)),
        }
    }

    fn projected(&mut self, base: &Expr) -> Place {
        match self.place(base) {
            Place::Var(var) => Place::Part(var),
            Place::Value(value) => {
                self.consume(value);
                Place::Value(Value::None)
            }
            other => other,
        }
    }

    /// A field or an element that is moved out, or an operand of `!`, `-` and `*`.
    fn part(&mut self, expr: &Expr) -> Value {
        if let Expr::Unary(inner) = expr
            && !matches!(inner.op, UnOp::Deref(_))
        {
            return self.used(&inner.expr);
        }
        match self.place(expr) {
            Place::Var(var) | Place::Part(var) | Place::Ref(var, true) => {
                self.event(Event::Join(var));
            }
            Place::Ref(_, false) => {}
            Place::Value(value) => self.consume(value),
        }
        Value::None
    }

    fn reference(&mut self, expr: &Expr, mutable: bool) -> Value {
        match self.place(expr) {
            Place::Var(var) | Place::Part(var) => {
                if mutable {
                    self.unsure(var);
                }
                Value::Ref(var, mutable)
            }
            Place::Ref(var, awaits) => Value::Ref(var, awaits && mutable),
            // A temporary lives to the end of the statement.
            Place::Value(Value::Handles(held)) if !held.lazy => Value::Ref(held.var, mutable),
            Place::Value(value) => {
                if mutable {
                    self.consume(value);
                } else {
                    let value = self.gather(value);
                    if !matches!(value, Value::Handles(_)) {
                        self.consume(value);
                    }
                }
                Value::None
            }
        }
    }

    fn binary(&mut self, expr: &Expr, inner: &ExprBinary) -> Value {
        if matches!(inner.op, BinOp::And(_) | BinOp::Or(_)) {
            let failed = self.condition(expr);
            let met = self.at;
            self.meet(failed.into_iter().chain([met]));
            return Value::None;
        }
        if let BinOp::BitAndAssign(_) | BinOp::BitOrAssign(_) | BinOp::BitXorAssign(_) = inner.op {
            self.unsure_in(&inner.left);
        }
        self.looked_at(&inner.left);
        self.looked_at(&inner.right);
        Value::None
    }

    /// An operand of a comparison is borrowed, and no operator takes a handle.
    pub(super) fn looked_at(&mut self, expr: &Expr) {
        if let Place::Value(value) = self.place(expr)
            && !matches!(value, Value::Handles(_) | Value::Tuple(_))
        {
            self.consume(value);
        }
    }

    /// Evaluates a condition: goes on where it holds, and returns the ends of the paths where it does not.
    ///
    /// Names that it binds are declared in the scope around.
    pub(super) fn condition(&mut self, expr: &Expr) -> Vec<usize> {
        match expr {
            Expr::Paren(inner) => self.condition(&inner.expr),
            Expr::Group(inner) => self.condition(&inner.expr),
            Expr::Lit(literal) => match &literal.lit {
                Lit::Bool(literal) if literal.value => Vec::new(),
                Lit::Bool(_) => {
                    let end = self.at;
                    self.dead();
                    vec![end]
                }
                _ => vec![self.fork_on()],
            },
            Expr::Unary(inner) if matches!(inner.op, UnOp::Not(_)) => {
                let failed = self.condition(&inner.expr);
                let met = self.at;
                self.meet(failed);
                vec![met]
            }
            Expr::Binary(inner) if matches!(inner.op, BinOp::And(_)) => {
                let mut failed = self.condition(&inner.left);
                failed.extend(self.condition(&inner.right));
                failed
            }
            Expr::Binary(inner) if matches!(inner.op, BinOp::Or(_)) => {
                let failed = self.condition(&inner.left);
                let first = self.at;
                self.meet(failed);
                let failed = self.condition(&inner.right);
                let second = self.at;
                self.meet([first, second]);
                failed
            }
            Expr::Binary(inner) if self.counts(inner).is_some() => {
                let counted = self.counts(inner);
                let failed = self.fork_on();
                if let Some((var, empty)) = counted {
                    let empty = if empty { self.at } else { failed };
                    self.on(empty, Event::Clear(var));
                }
                vec![failed]
            }
            Expr::Let(inner) => {
                let subject = self.subject(&inner.expr);
                let mut binds = Vec::new();
                let failed = self.test(&inner.pat, subject, &mut binds);
                self.declare_all(binds);
                failed.into_iter().collect()
            }
            Expr::MethodCall(call) if call.args.is_empty() => {
                // Whether there is a handle at all.
                let (holds, fails) = match &*call.method.to_string() {
                    "is_some" | "is_ok" => (true, false),
                    "is_none" | "is_err" | "is_empty" => (false, true),
                    "is_finished" => return self.asks_finished(&call.receiver),
                    _ => return self.opaque(expr),
                };
                let place = self.place(&call.receiver);
                let failed = self.fork_on();
                match place {
                    Place::Var(var) | Place::Ref(var, _) | Place::Value(Value::Ref(var, _)) => {
                        let empty = if holds { failed } else { self.at };
                        self.on(empty, Event::Clear(var));
                    }
                    Place::Value(Value::WhenOk(vars)) => {
                        let ok = if fails { failed } else { self.at };
                        for var in vars {
                            self.on(ok, Event::Join(var));
                        }
                    }
                    Place::Value(value @ (Value::Tuple(_) | Value::Yield(_))) => {
                        self.consume(value);
                    }
                    Place::Part(_) | Place::Value(_) => {}
                }
                vec![failed]
            }
            other => self.opaque(other),
        }
    }

    /// `h.is_finished()`: one that was lent before may have ended where it was awaited; any other is still to be joined.
    fn asks_finished(&mut self, receiver: &Expr) -> Vec<usize> {
        let place = self.place(receiver);
        let failed = self.fork_on();
        match place {
            Place::Var(var) | Place::Ref(var, _) | Place::Value(Value::Ref(var, _)) => {
                self.event(Event::Only(var, Fact::KEPT));
            }
            Place::Value(value @ (Value::Tuple(_) | Value::Yield(_))) => self.consume(value),
            Place::Part(_) | Place::Value(_) => {}
        }
        vec![failed]
    }

    /// `hs.len() > 0` and its like: the variable, and whether it is empty where the condition holds.
    fn counts(&mut self, inner: &ExprBinary) -> Option<(Var, bool)> {
        let (Expr::MethodCall(call), Expr::Lit(literal)) = (peel(&inner.left), peel(&inner.right))
        else {
            return None;
        };
        let Lit::Int(number) = &literal.lit else {
            return None;
        };
        let empty = match (&inner.op, number.base10_digits()) {
            (BinOp::Gt(_) | BinOp::Ne(_), "0") | (BinOp::Ge(_), "1") => false,
            (BinOp::Eq(_) | BinOp::Le(_), "0") | (BinOp::Lt(_), "1") => true,
            _ => return None,
        };
        if call.method != "len" {
            return None;
        }
        match peel(&call.receiver) {
            Expr::Path(path) => match self.local(&path.path)? {
                Binding::Var(var) | Binding::Ref(var, _) => Some((var, empty)),
                Binding::Other => None,
            },
            _ => None,
        }
    }

    fn opaque(&mut self, expr: &Expr) -> Vec<usize> {
        let start = self.next_var();
        self.used(expr);
        self.drop_from(start, Loss::EndOfStatement, expr.span());
        vec![self.fork_on()]
    }

    /// Goes on in a node of its own; returns another one beside it.
    fn fork_on(&mut self) -> usize {
        let side = self.fork();
        self.then();
        side
    }

    pub(super) fn on(&mut self, node: usize, event: Event) {
        self.flags.note(&event);
        self.flow.nodes[node].events.push(event);
    }

    /// `if`, with all its `else if`s.
    fn branch(&mut self, first: &ExprIf) -> Value {
        let result = self.temp();
        let (mut ends, mut value, mut next) = (Vec::new(), None, first);
        let mut sides = Vec::new();
        loop {
            let (scope, start) = (self.scope.len(), self.next_var());
            let (holds, fails) = self.asked(&next.cond);
            let failed = self.condition(&next.cond);
            let end = self.next_var();
            let (first, mark) = (self.then(), self.mark());
            let then = self.block(&next.then_branch, Loss::EndOfBlock);
            let held = self.store(then, result);
            value = super::values::either(value, held);
            let close = next.then_branch.brace_token.span.close();
            self.drop_from(start, Loss::EndOfBlock, close);
            self.leave_scope(scope);
            self.link(mark, start);
            self.way_of_block(mark, start, &next.then_branch);
            self.side(first, &holds, mark, start);
            ends.push(self.at);
            self.meet(failed);
            let (otherwise, mark) = (self.at, self.mark());
            sides.push((otherwise, fails, mark, start));
            // What the condition made lives no longer.
            self.drop_between(start, end, Loss::EndOfStatement, next.if_token.span);
            match next.else_branch.as_ref().map(|(_, branch)| peel(branch)) {
                Some(Expr::If(branch)) => next = branch,
                Some(branch) => {
                    let mark = self.mark();
                    let otherwise = self.value(branch);
                    self.way(mark, start, branch);
                    let held = self.store(otherwise, result);
                    value = super::values::either(value, held);
                    break;
                }
                None => break,
            }
        }
        for (node, fails, mark, start) in sides {
            self.link(mark, start);
            self.side(node, &fails, mark, start);
        }
        ends.push(self.at);
        self.meet(ends);
        value.map_or(Value::None, Value::Handles)
    }

    /// The kind of a spawn that is spelled as a path, or by `Handle::current()`.
    pub(super) fn recognised(&self, expr: &Expr) -> Option<calls::Kind> {
        calls::recognise(expr, self.names)
    }
}
