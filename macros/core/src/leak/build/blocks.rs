//! Blocks and statements.

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Block, Expr, ExprAssign, Local, Pat, Stmt, Type};

use super::exprs::Place;
use super::flags::{told_by, told_otherwise};
use super::known::{COLLECTIONS, is_in};
use super::patterns::Subject;
use super::values::Value;
use super::{About, Binding, Event, Loss, Var, Walk};
use crate::pass::attrs::{attrs_of, cfgs, cfgs_of};
use crate::pass::calls::peel;

impl Walk<'_> {
    /// The statements of a block, and the value of its tail. What it declares is lost at its end.
    pub(super) fn block(&mut self, block: &Block, loss: Loss) -> Value {
        let result = self.temp();
        self.names.enter_block(block);
        let (scope, start) = (self.scope.len(), self.next_var());
        let around = std::mem::replace(&mut self.block, start);
        let mut value = Value::None;
        for (index, stmt) in block.stmts.iter().enumerate() {
            let last = index + 1 == block.stmts.len();
            if last && let Some(tail) = self.tail(stmt) {
                value = match tail {
                    tail @ (Value::Ref(..) | Value::WhenOk(_) | Value::Pending(..)) => {
                        tail.outlive(start)
                    }
                    tail => self.store(tail, result).map_or(Value::None, Value::Handles),
                };
            } else {
                self.statement(stmt);
            }
        }
        self.drop_from(start, loss, block.brace_token.span.close());
        self.leave_scope(scope);
        self.block = around;
        self.names.leave_block();
        value
    }

    /// The value of a last statement, if it has one.
    fn tail(&mut self, stmt: &Stmt) -> Option<Value> {
        match stmt {
            Stmt::Expr(expr, None) if cfgs(attrs_of(expr)).is_empty() => Some(self.value(expr)),
            Stmt::Macro(stmt) if stmt.semi_token.is_none() && cfgs(&stmt.attrs).is_empty() => {
                Some(self.invoke_macro(&stmt.mac))
            }
            _ => None,
        }
    }

    fn statement(&mut self, stmt: &Stmt) {
        if let Stmt::Item(_) = stmt {
            return;
        }
        let cfgs = cfgs_of(stmt);
        if cfgs.is_empty() {
            return self.certain_statement(stmt, false);
        }
        // It may not exist, and others may exist in its stead: what it mentions is left to it.
        let mentioned = self.mentioned(stmt.to_token_stream());
        for var in &mentioned {
            self.event(Event::Join(*var));
        }
        let outer = self.cfgs.len();
        self.cfgs.extend(cfgs);
        let without = self.fork();
        self.then();
        self.certain_statement(stmt, true);
        let with = self.at;
        self.meet([with, without]);
        for var in &mentioned {
            self.event(Event::Join(*var));
        }
        self.cfgs.truncate(outer);
    }

    /// The variables that tokens mention.
    pub(super) fn mentioned(&mut self, tokens: TokenStream) -> Vec<Var> {
        let mut found = Vec::new();
        super::macros::names_in(tokens, &mut |name| {
            if let Some(Binding::Var(var) | Binding::Ref(var, true)) = self.lookup_text(name)
                && !found.contains(&var)
            {
                found.push(var);
            }
        });
        found
    }

    fn certain_statement(&mut self, stmt: &Stmt, perhaps: bool) {
        let start = self.next_var();
        match stmt {
            Stmt::Local(local) => return self.local_statement(local, perhaps),
            Stmt::Item(_) => {}
            Stmt::Expr(Expr::Assign(assign), _) => self.assign(assign),
            // Where others do not exist, it is the tail of the block.
            Stmt::Expr(expr, None) if perhaps => {
                self.used(expr);
            }
            Stmt::Expr(expr, _) => {
                let value = self.value(expr);
                self.discard(value, Loss::Dropped, expr.span());
            }
            Stmt::Macro(stmt) => {
                let value = self.invoke_macro(&stmt.mac);
                self.discard(value, Loss::Dropped, stmt.mac.path.span());
            }
        }
        self.drop_from(start, Loss::EndOfStatement, end_of(stmt));
    }

    fn local_statement(&mut self, local: &Local, perhaps: bool) {
        let (start, semi) = (self.next_var(), local.semi_token.span);
        let Some(init) = &local.init else {
            return self.declare_uninitialised(&local.pat);
        };
        if let Some((_, otherwise)) = &init.diverge {
            let asked = self.flag_of(&init.expr);
            let subject = self.subject(&init.expr);
            let end = self.next_var();
            let mut binds = Vec::new();
            let failed = self.test(&local.pat, subject, &mut binds);
            let told = told_by(&local.pat);
            let known = |told| {
                asked
                    .map(|flag| (flag, told))
                    .into_iter()
                    .collect::<Vec<_>>()
            };
            let (matched, mark) = (self.then(), self.mark());
            self.side(matched, &known(told), mark, start);
            if let Some(failed) = failed {
                self.at = failed;
                self.then();
                self.side(self.at, &known(told_otherwise(&local.pat)), mark, start);
                let value = self.value(otherwise);
                self.consume(value);
                // It diverges, or the compiler will say so.
            }
            self.at = matched;
            self.drop_between(start, end, Loss::EndOfStatement, semi);
            return self.declare_let(binds);
        }
        let mark = self.mark();
        let value = self.initial(&local.pat, &init.expr);
        if perhaps && !matches!(local.pat, Pat::Wild(_)) {
            self.consume(value);
            self.drop_from(start, Loss::EndOfStatement, semi);
            return self.declare_others(&local.pat);
        }
        let end = self.next_var();
        let value = match value {
            // A temporary behind a reference that has a name lives as long as the name.
            Value::Ref(var, awaits) if var >= start => Value::Ref(self.moved(var), awaits),
            value => value,
        };
        let mut binds = Vec::new();
        let owned = owns_collection(&local.pat, Some(&init.expr));
        self.bind(&local.pat, value, owned, &mut binds);
        if let [(_, binding)] = &mut *binds
            && super::flags::branches(&init.expr)
        {
            let flag = match binding {
                Binding::Var(var) => *var,
                _ => self.temp(),
            };
            if let Binding::Other = binding {
                *binding = Binding::Var(flag);
            }
            self.link_value(flag, mark, start);
        } else if let [(_, Binding::Var(flag))] = &*binds {
            self.begins(*flag, Some(&init.expr));
        }
        self.drop_between(start, end, Loss::EndOfStatement, semi);
        self.declare_let(binds);
    }

    /// A `let` takes the names that it binds away from the variables of its block.
    fn declare_let(&mut self, binds: Vec<(String, Binding)>) {
        for (name, _) in &binds {
            let hidden = self.bound.get(name).and_then(|bindings| bindings.last());
            if let Some(Binding::Var(var)) = hidden
                && *var >= self.block
            {
                let exits = self.flow.exits.len();
                self.flow.vars[var.0 as usize].shadowed.get_or_insert(exits);
            }
        }
        self.declare_all(binds);
    }

    /// What a `let` binds; `let ref name` leaves it where it is.
    fn initial(&mut self, pattern: &Pat, init: &Expr) -> Value {
        let by_ref = match pattern {
            Pat::Ident(ident) => ident.by_ref.map(|_| ident.mutability.is_some()),
            _ => None,
        };
        match by_ref {
            Some(mutable) => match self.place(init) {
                Place::Var(var) | Place::Part(var) => Value::Ref(var, mutable),
                Place::Ref(var, awaits) => Value::Ref(var, awaits && mutable),
                Place::Value(value) => value,
            },
            None => self.value(init),
        }
    }

    pub(super) fn declare_all(&mut self, binds: Vec<(String, Binding)>) {
        for (name, binding) in binds {
            self.declare(name, binding);
        }
    }

    /// `let h;`
    fn declare_uninitialised(&mut self, pattern: &Pat) {
        let mut names = Vec::new();
        super::forms::bindings(pattern, &mut names);
        for name in names {
            let name = name.ident.unraw().to_string();
            let var = self.var(About {
                name: Some(name.clone()),
                owned: owns_collection(pattern, None),
                ..About::default()
            });
            self.begins(var, None);
            self.declare(name, Binding::Var(var));
        }
    }

    /// `place = value`
    pub(super) fn assign(&mut self, assign: &ExprAssign) {
        let value = self.value(&assign.right);
        if let (Expr::Path(left), Value::None) = (peel(&assign.left), &value)
            && let Some(Binding::Var(flag)) = self.local(&left.path)
        {
            self.assigned(flag, &assign.right);
        } else {
            self.unsure_in(&assign.left);
        }
        self.assign_to(&assign.left, value);
    }

    fn assign_to(&mut self, left: &Expr, value: Value) {
        match (peel(left), value) {
            (left @ Expr::Infer(_), value) => self.discard(value, Loss::Ignored, left.span()),
            (Expr::Tuple(left), Value::Tuple(parts)) if left.elems.len() == parts.len() => {
                for (left, part) in left.elems.iter().zip(parts) {
                    self.assign_to(left, part);
                }
            }
            (Expr::Array(left), Value::Tuple(parts)) if left.elems.len() == parts.len() => {
                for (left, part) in left.elems.iter().zip(parts) {
                    self.assign_to(left, part);
                }
            }
            (left, value) => match self.place(left) {
                Place::Var(var) => {
                    let about = &mut self.flow.vars[var.0 as usize];
                    about.owned |= matches!(value, Value::Tuple(_) | Value::Collection);
                    about.optional |= matches!(value, Value::Handles(held) if held.optional);
                    let exit = self.exit(Loss::Overwritten, left.span());
                    self.event(Event::Drop(var.alone(), exit));
                    self.store(value, var);
                }
                Place::Part(_) | Place::Ref(..) => self.consume(value),
                Place::Value(place) => {
                    self.consume(place);
                    self.consume(value);
                }
            },
        }
    }

    /// What a pattern or an `if let` looks at.
    pub(super) fn subject(&mut self, expr: &Expr) -> Subject {
        match self.place(expr) {
            Place::Var(var) => Subject::Var(var),
            Place::Part(var) => {
                self.event(Event::Join(var));
                Subject::None
            }
            Place::Ref(var, awaits) | Place::Value(Value::Ref(var, awaits)) => {
                Subject::Ref(var, awaits)
            }
            Place::Value(Value::Handles(held)) if held.lazy => {
                self.event(Event::Join(held.var));
                Subject::None
            }
            Place::Value(Value::Handles(held)) => Subject::Var(held.var),
            Place::Value(Value::WhenOk(vars)) => Subject::WhenOk(vars, false),
            Place::Value(Value::Tuple(parts)) => Subject::Tuple(parts),
            Place::Value(value) => {
                self.consume(value);
                Subject::None
            }
        }
    }
}

/// Whether a `let` makes a collection that belongs to the body, by its type or by what makes it.
pub fn owns_collection(pattern: &Pat, init: Option<&Expr>) -> bool {
    if let Pat::Type(typed) = pattern
        && let Type::Path(path) = &*typed.ty
    {
        return path
            .path
            .segments
            .last()
            .is_some_and(|last| is_in(&last.ident, COLLECTIONS));
    }
    match init.map(peel) {
        Some(Expr::Array(_)) => true,
        Some(Expr::Macro(mac)) => mac
            .mac
            .path
            .segments
            .last()
            .is_some_and(|last| last.ident == "vec" || last.ident == "smallvec"),
        // `Vec::with_capacity(n)`, `Vec::<_>::new()`
        Some(Expr::Call(call)) => match peel(&call.func) {
            Expr::Path(path) => {
                let mut segments = path.path.segments.iter().rev();
                let function = segments.next();
                function.is_some_and(|last| {
                    ["new", "with_capacity", "default", "from", "from_iter"]
                        .iter()
                        .any(|name| last.ident == name)
                }) && segments
                    .next()
                    .is_some_and(|ty| is_in(&ty.ident, COLLECTIONS))
            }
            _ => false,
        },
        Some(Expr::MethodCall(call)) => {
            call.method == "collect" && call.args.is_empty()
                || ["unwrap", "expect"].iter().any(|name| call.method == name)
                    && owns_collection(pattern, Some(&call.receiver))
        }
        Some(Expr::Try(inner)) => owns_collection(pattern, Some(&inner.expr)),
        _ => false,
    }
}

fn end_of(stmt: &Stmt) -> Span {
    match stmt {
        Stmt::Expr(_, Some(semi)) => semi.span,
        Stmt::Macro(stmt) => stmt
            .semi_token
            .map_or_else(|| stmt.mac.path.span(), |semi| semi.span),
        stmt => stmt.span(),
    }
}
