//! Expressions: as values and as places.

use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{BinOp, Expr, ExprBinary, ExprIf, ExprPath, ExprStruct, Member, UnOp};

use super::values::{Held, Value, either};
use super::{Access, Binding, CfgBuilder, Event, LeakKind, Var, VarInfo};
use crate::scan::peel;

/// What an expression stands for where it is not moved: before a `.`, after a `&`, left of a `=`.
pub(super) enum Place {
    Var(Var),
    /// A field with this index of a tuple.
    Field(Var, u8),
    /// Another field, or an element.
    Part(Var),
    /// What a reference refers to.
    Ref(Var, Access),
    /// A temporary, or something without handles.
    Value(Value),
}

impl CfgBuilder<'_> {
    /// Evaluates an expression whose value is used.
    pub(super) fn value(&mut self, expr: &Expr) -> Value {
        match expr {
            Expr::Lit(_) | Expr::Const(_) | Expr::Infer(_) => Value::None,
            Expr::Path(path) => self.path(path),
            Expr::Paren(inner) => self.value(&inner.expr),
            Expr::Group(inner) => self.value(&inner.expr),
            Expr::Call(call) => self.call(call),
            Expr::MethodCall(call) => self.method_call(call),
            Expr::Await(inner) => self.awaited(&inner.base),
            Expr::Try(inner) => self.question(&inner.expr, inner.question_token.span),
            Expr::Macro(inner) => self.invoke_macro(&inner.mac),
            Expr::Reference(inner) => self.reference(&inner.expr, inner.mutability.is_some()),
            Expr::Tuple(inner) => {
                Value::Tuple(inner.elems.iter().map(|elem| self.value(elem)).collect())
            }
            Expr::Array(inner) => {
                Value::List(inner.elems.iter().map(|elem| self.value(elem)).collect())
            }
            Expr::If(inner) => self.branch(inner),
            Expr::Match(inner) => self.choose(inner),
            Expr::Block(inner) => match &inner.label {
                Some(label) => self.labelled(&inner.block, &label.name),
                None => self.block(&inner.block, LeakKind::EndOfBlock),
            },
            Expr::Unsafe(inner) => self.block(&inner.block, LeakKind::EndOfBlock),
            Expr::Loop(inner) => self.endless(inner),
            Expr::While(inner) => self.while_loop(inner),
            Expr::ForLoop(inner) => self.for_loop(inner),
            Expr::Return(inner) => self.returns(inner),
            Expr::Break(inner) => self.breaks(inner),
            Expr::Continue(inner) => self.continues(inner),
            Expr::Closure(inner) => self.closure(inner, None),
            Expr::Async(inner) => self.async_block(&inner.block, inner.capture.is_some()),
            Expr::TryBlock(inner) => self.async_block(&inner.block, false),
            Expr::Assign(inner) => {
                self.assign(inner);
                Value::None
            }
            Expr::Binary(inner) => self.binary(expr, inner),
            Expr::Struct(inner) => self.structure(inner),
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

    /// An operand that is passed on.
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
                let info = &self.cfg.vars[var.0 as usize];
                let held = Held {
                    many: info.many,
                    optional: info.optional,
                    ..Held::of(to)
                };
                self.cfg.vars[to.0 as usize].many = held.many;
                Value::Handles(held)
            }
            Some(Binding::Ref(var, access)) => Value::Ref(var, access),
            Some(Binding::Yield(var)) => Value::Yield(var),
            Some(Binding::Struct(var)) => {
                let to = self.moved(var);
                self.cfg.vars[to.0 as usize].stored = true;
                Value::Handles(Held {
                    stored: true,
                    ..Held::of(to)
                })
            }
            Some(Binding::Argument(argument)) => {
                self.touch(argument, None);
                Value::None
            }
            Some(Binding::Result(result)) => Value::WhenOk(self.results[result].clone()),
            _ => Value::None,
        }
    }

    /// A struct literal: its fields are joined, unless it is taken apart or returned.
    fn structure(&mut self, inner: &ExprStruct) -> Value {
        let var = self.var(VarInfo {
            stored: true,
            ..VarInfo::default()
        });
        let values: Vec<_> = inner
            .fields
            .iter()
            .map(|field| (&field.member, self.value(&field.expr)))
            .collect();
        if let Some(rest) = &inner.rest {
            self.used(rest);
        }
        let mut all = None;
        for (member, value) in values {
            let field = self.temp();
            if let Some(held) = self.store(value, field) {
                let index = match member {
                    Member::Named(name) => self.field(name.unraw().to_string()),
                    Member::Unnamed(index) => u8::try_from(index.index).unwrap_or(u8::MAX),
                };
                self.event(Event::Pack(field, index));
                self.event(Event::Store(field, var));
                all = either(all, Some(held));
            }
        }
        all.map_or(Value::None, |_| {
            Value::Handles(Held {
                stored: true,
                ..Held::of(var)
            })
        })
    }

    /// Evaluates an expression that is not moved.
    pub(super) fn place(&mut self, expr: &Expr) -> Place {
        match expr {
            Expr::Paren(inner) => self.place(&inner.expr),
            Expr::Group(inner) => self.place(&inner.expr),
            Expr::Path(path) => match self.local(&path.path) {
                Some(Binding::Var(var)) => Place::Var(var),
                Some(Binding::Ref(var, access)) => Place::Ref(var, access),
                Some(Binding::Struct(var)) => {
                    self.event(Event::Join(var));
                    Place::Value(Value::None)
                }
                Some(Binding::Yield(var)) => Place::Value(Value::Yield(var)),
                Some(Binding::Result(result)) => {
                    Place::Value(Value::WhenOk(self.results[result].clone()))
                }
                _ => Place::Value(Value::None),
            },
            Expr::Field(inner) => {
                let index = match &inner.member {
                    Member::Unnamed(index) => u8::try_from(index.index).ok(),
                    Member::Named(_) => None,
                };
                match (self.place(&inner.base), index) {
                    (Place::Var(var), Some(index)) => Place::Field(var, index),
                    (Place::Value(Value::Tuple(mut parts)), Some(index))
                        if usize::from(index) < parts.len() =>
                    {
                        let part = parts.swap_remove(index.into());
                        self.drop_parts(parts, expr);
                        Place::Value(part)
                    }
                    (Place::Value(Value::Handles(held)), Some(index)) if !held.stored => {
                        Place::Field(held.var, index)
                    }
                    (place, _) => self.projected(place),
                }
            }
            Expr::Index(inner) => {
                let base = self.place(&inner.expr);
                let place = self.projected(base);
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

    /// The other fields of a tuple, when one is taken out of a temporary.
    fn drop_parts(&mut self, parts: Vec<Value>, expr: &Expr) {
        self.discard(Value::Tuple(parts), LeakKind::EndOfStatement, expr.span());
    }

    fn projected(&mut self, base: Place) -> Place {
        match base {
            Place::Var(var) | Place::Field(var, _) => Place::Part(var),
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
        if let Some((argument, field)) = self.argument_place(expr) {
            self.touch(argument, field.as_deref());
        }
        match self.place(expr) {
            Place::Field(var, index) => {
                self.take_in(var);
                return Value::Handles(Held::of(self.unpack(var, index, false)));
            }
            Place::Var(var) | Place::Part(var) => self.event(Event::Join(var)),
            Place::Ref(var, access) => self.join_through(var, access),
            Place::Value(value) => self.consume(value),
        }
        Value::None
    }

    pub(super) fn reference(&mut self, expr: &Expr, mutable: bool) -> Value {
        if mutable && let Some((argument, field)) = self.argument_place(expr) {
            self.touch(argument, field.as_deref());
        }
        let indexed = matches!(peel(expr), Expr::Index(_));
        match self.place(expr) {
            Place::Part(var) if indexed => Value::Ref(var, Access::Item.behind(mutable)),
            Place::Var(var) | Place::Part(var) | Place::Field(var, _) => {
                Value::Ref(var, Access::Await.behind(mutable))
            }
            Place::Ref(var, access) => Value::Ref(var, access.behind(mutable)),
            // A temporary lives to the end of the statement.
            Place::Value(Value::Handles(held)) if !held.lazy && !held.stored => {
                Value::Ref(held.var, Access::Await.behind(mutable))
            }
            Place::Value(value @ Value::WhenOk(_)) => value,
            Place::Value(value) if mutable => self.used_value(value),
            Place::Value(value) => match self.gather(value) {
                Value::Handles(_) => Value::None,
                value => self.used_value(value),
            },
        }
    }

    fn used_value(&mut self, value: Value) -> Value {
        self.consume(value);
        Value::None
    }

    fn binary(&mut self, expr: &Expr, inner: &ExprBinary) -> Value {
        if matches!(inner.op, BinOp::And(_) | BinOp::Or(_)) {
            let failed = self.condition(expr);
            let held = self.at;
            self.merge(failed.into_iter().chain([held]));
            return Value::None;
        }
        self.looked_at(&inner.left);
        self.looked_at(&inner.right);
        Value::None
    }

    /// An operand of a comparison is borrowed, and no operator takes a handle.
    pub(super) fn looked_at(&mut self, expr: &Expr) {
        if let Place::Value(value) = self.place(expr)
            && !matches!(
                value,
                Value::Handles(_) | Value::Tuple(_) | Value::List(_) | Value::WhenOk(_)
            )
        {
            self.consume(value);
        }
    }

    /// `if`, with all its `else if`s.
    fn branch(&mut self, first: &ExprIf) -> Value {
        let result = self.temp();
        let (mut ends, mut value, mut next) = (Vec::new(), None, first);
        let mut sides = Vec::new();
        loop {
            let (scope, start) = (self.scope.len(), self.next_var());
            let asked = self.asked(&next.cond);
            let failed = self.condition(&next.cond);
            let end = self.next_var();
            let (first, mark) = (self.then(), self.mark());
            let then = self.block(&next.then_branch, LeakKind::EndOfBlock);
            let held = self.store(then, result);
            value = either(value, held);
            let close = next.then_branch.brace_token.span.close();
            self.drop_from(start, LeakKind::EndOfBlock, close);
            self.leave_scope(scope);
            self.link(mark, start);
            self.side(first, &asked, mark, start);
            ends.push(self.at);
            self.merge(failed);
            sides.push((self.at, asked, self.mark(), start));
            // Temporaries of the condition.
            self.drop_between(start, end, LeakKind::EndOfStatement, next.if_token.span);
            match next.else_branch.as_ref().map(|(_, branch)| peel(branch)) {
                Some(Expr::If(branch)) => next = branch,
                Some(branch) => {
                    let otherwise = self.value(branch);
                    let held = self.store(otherwise, result);
                    value = either(value, held);
                    break;
                }
                None => break,
            }
        }
        for (node, asked, mark, start) in sides {
            self.link(mark, start);
            self.side(node, &asked, mark, start);
        }
        ends.push(self.at);
        self.merge(ends);
        value.map_or(Value::None, Value::Handles)
    }
}
