//! Blocks and statements.

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Block, Expr, ExprAssign, Local, Pat, Stmt, Type};

use super::exprs::Place;
use super::patterns::Subject;
use super::tables::collection;
use super::values::{Held, Value};
use super::{Access, Binding, CfgBuilder, Event, LeakKind, Many, Var, VarInfo};
use crate::scan::attrs::{attrs_of, cfgs, cfgs_of};
use crate::scan::peel;
use crate::scan::sites::{self, probe_of};

impl CfgBuilder<'_> {
    /// The statements of a block, and the value of its tail. Its variables are dropped at its end.
    pub(super) fn block(&mut self, block: &Block, kind: LeakKind) -> Value {
        let result = self.temp();
        self.resolver.enter_block(block);
        let (scope, start) = (self.scope.len(), self.next_var());
        let around = std::mem::replace(&mut self.block, start);
        let mut value = Value::None;
        for (index, stmt) in block.stmts.iter().enumerate() {
            let last = index + 1 == block.stmts.len();
            if last && let Some(tail) = self.tail(stmt) {
                value = match tail {
                    tail @ (Value::Ref(..) | Value::WhenOk(_) | Value::Pending(_)) => {
                        tail.outlive(start)
                    }
                    tail => self.store(tail, result).map_or(Value::None, Value::Handles),
                };
            } else {
                self.statement(stmt);
            }
        }
        self.drop_from(start, kind, block.brace_token.span.close());
        self.leave_scope(scope);
        self.block = around;
        self.resolver.leave_block();
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
        if matches!(stmt, Stmt::Item(_)) || sites::is_place(stmt) || probe_of(stmt).is_some() {
            return;
        }
        let cfgs = cfgs_of(stmt);
        if cfgs.is_empty() {
            return self.certain_statement(stmt, false);
        }
        // It may not exist, and others may exist in its place: what it mentions counts as joined.
        let mentioned = self.mentioned(stmt.to_token_stream());
        for var in &mentioned {
            self.event(Event::Join(*var));
        }
        let outer = self.cfgs.len();
        self.cfgs.extend(cfgs);
        let without = self.fork_on();
        self.certain_statement(stmt, true);
        let with = self.at;
        self.merge([with, without]);
        for var in &mentioned {
            self.event(Event::Join(*var));
        }
        self.cfgs.truncate(outer);
    }

    /// The variables that tokens mention.
    pub(super) fn mentioned(&mut self, tokens: TokenStream) -> Vec<Var> {
        let tokens = self.sites.unmarked(tokens);
        let mut found = Vec::new();
        super::macros::names_in(tokens, &mut |name| match self.lookup(name) {
            Some(
                Binding::Var(var)
                | Binding::Ref(var, Access::Await | Access::Item | Access::Iter)
                | Binding::Struct(var),
            ) if !found.contains(&var) => found.push(var),
            Some(Binding::Result(result)) => {
                found.extend(self.results[result].iter().map(|one| one.var()));
            }
            Some(Binding::Argument(argument)) => self.touch(argument, None),
            _ => {}
        });
        found
    }

    fn certain_statement(&mut self, stmt: &Stmt, perhaps: bool) {
        let start = self.next_var();
        match stmt {
            Stmt::Local(local) => return self.local_statement(local, perhaps),
            Stmt::Item(_) => {}
            Stmt::Expr(Expr::Assign(assign), _) => self.assign(assign),
            // Without other statements it is the tail of the block.
            Stmt::Expr(expr, None) if perhaps => {
                self.used(expr);
            }
            stmt => {
                let (value, span) = match stmt {
                    Stmt::Macro(stmt) => (self.invoke_macro(&stmt.mac), stmt.mac.path.span()),
                    Stmt::Expr(expr, _) => (self.value(expr), expr.span()),
                    _ => return,
                };
                let end = self.next_var();
                let value = self.keep_unused(value);
                self.discard(value, LeakKind::Dropped, span);
                return self.drop_between(start, end, LeakKind::EndOfStatement, end_of(stmt));
            }
        }
        self.drop_from(start, LeakKind::EndOfStatement, end_of(stmt));
    }

    fn local_statement(&mut self, local: &Local, perhaps: bool) {
        let (start, semi) = (self.next_var(), local.semi_token.span);
        let Some(init) = &local.init else {
            return self.declare_uninitialised(&local.pat);
        };
        if let Some((_, otherwise)) = &init.diverge {
            return self.let_else(local, &init.expr, otherwise);
        }
        if let (Pat::Ident(name), Some((argument, None))) =
            (&local.pat, self.argument_place(&init.expr))
        {
            // `let this = self;`
            return self.declare(name.ident.unraw().to_string(), Binding::Argument(argument));
        }
        if let Some((argument, Some(field))) = self.argument_place(&init.expr) {
            // `let task = self.task.as_mut().unwrap();`
            self.touch(argument, Some(&field));
        }
        let mark = self.mark();
        let value = self.initial(&local.pat, &init.expr);
        if perhaps && !matches!(local.pat, Pat::Wild(_)) {
            self.consume(value);
            self.drop_from(start, LeakKind::EndOfStatement, semi);
            return self.declare_others(&local.pat);
        }
        let end = self.next_var();
        let value = match value {
            // A temporary behind a reference that has a name lives as long as the name.
            Value::Ref(var, access) if var >= start => Value::Ref(self.moved(var), access),
            // What the type or the constructor says.
            Value::None => {
                made_collection(&local.pat, Some(&init.expr)).map_or(Value::None, Value::Collection)
            }
            Value::Handles(mut held) => {
                held.many = held
                    .many
                    .or_else(|| made_collection(&local.pat, Some(&init.expr)));
                held.optional |= is_optional(&local.pat);
                Value::Handles(held)
            }
            value => value,
        };
        let mut binds = Vec::new();
        match value {
            // The fields that a pattern does not take stay in the variable.
            Value::Handles(held) if is_place(&init.expr) && has_fields(&local.pat) => {
                let var = self.info(held.var).and_then(|info| info.of);
                let var = var.unwrap_or(held.var);
                if var != held.var {
                    self.event(Event::Move(held.var, var));
                }
                let _ = self.test(&local.pat, Subject::var(var), &mut binds);
            }
            value => self.bind(&local.pat, value, &mut binds),
        }
        if let ([(_, Binding::Var(var))], true) = (&*binds, is_none(&local.pat, &init.expr)) {
            self.cfg.vars[var.0 as usize].optional = true;
        }
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
        }
        self.drop_between(start, end, LeakKind::EndOfStatement, semi);
        self.declare_let(binds);
    }

    fn let_else(&mut self, local: &Local, init: &Expr, otherwise: &Expr) {
        let start = self.next_var();
        let asked = self.asked(init);
        let subject = self.subject(init);
        let end = self.next_var();
        let mut binds = Vec::new();
        let failed = self.test(&local.pat, subject, &mut binds);
        let (matched, mark) = (self.then(), self.mark());
        self.side(matched, &asked, mark, start);
        if let Some(failed) = failed {
            self.at = failed;
            let (other, mark) = (self.then(), self.mark());
            let value = self.value(otherwise);
            self.consume(value);
            // It diverges, or it does not compile.
            self.side(other, &asked, mark, start);
        }
        self.at = matched;
        self.drop_between(start, end, LeakKind::EndOfStatement, local.semi_token.span);
        self.declare_let(binds);
    }

    /// A `let` shadows the variables of its block with the same names.
    fn declare_let(&mut self, binds: Vec<(String, Binding)>) {
        for (name, _) in &binds {
            if let Some(Binding::Var(var)) = self.binding(name)
                && var >= self.block
            {
                let exits = self.cfg.exits.len();
                self.cfg.vars[var.0 as usize].shadowed.get_or_insert(exits);
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
                Place::Var(var) | Place::Part(var) | Place::Field(var, _) => {
                    Value::Ref(var, Access::Await.behind(mutable))
                }
                Place::Ref(var, access) => Value::Ref(var, access.behind(mutable)),
                Place::Value(value) => value,
            },
            None => self.value(init),
        }
    }

    /// `let h;`
    fn declare_uninitialised(&mut self, pattern: &Pat) {
        let mut names = Vec::new();
        super::forms::bindings(pattern, &mut names);
        for name in names {
            let name = name.ident.unraw().to_string();
            let var = self.var(VarInfo {
                name: Some(name.clone()),
                many: made_collection(pattern, None),
                optional: is_optional(pattern),
                ..VarInfo::default()
            });
            self.declare(name, Binding::Var(var));
        }
    }

    /// `place = value`
    pub(super) fn assign(&mut self, assign: &ExprAssign) {
        let value = self.value(&assign.right);
        if let (Expr::Path(left), Value::None) = (peel(&assign.left), &value)
            && let Some(Binding::Var(flag)) = self.local(&left.path)
        {
            self.assigned(flag);
        }
        self.assign_to(&assign.left, value);
    }

    fn assign_to(&mut self, left: &Expr, value: Value) {
        match (peel(left), value) {
            (left @ Expr::Infer(_), value) => {
                self.discard(value, LeakKind::Ignored, left.span());
            }
            (Expr::Tuple(left), Value::Tuple(parts)) if left.elems.len() == parts.len() => {
                for (left, part) in left.elems.iter().zip(parts) {
                    self.assign_to(left, part);
                }
            }
            (Expr::Array(left), Value::List(parts)) if left.elems.len() == parts.len() => {
                for (left, part) in left.elems.iter().zip(parts) {
                    self.assign_to(left, part);
                }
            }
            (left, value) => {
                if let Some((argument, field)) = self.argument_place(left) {
                    self.place(left);
                    return self.store_behind(argument, field, value, left.span());
                }
                let Some(value) = self.store_inside(left, value) else {
                    return;
                };
                if self.is_beside_stored(left) {
                    return self.consume(value);
                }
                match self.place(left) {
                    Place::Var(var) => {
                        self.drop_var(var, LeakKind::Overwritten, left.span());
                        let made = match value {
                            Value::Collection(many) => Some(many),
                            _ => None,
                        };
                        let held = self.store(value, var);
                        self.remember(var, made, held);
                    }
                    Place::Part(_) | Place::Field(..) | Place::Ref(..) => self.consume(value),
                    Place::Value(place) => {
                        self.consume(place);
                        self.consume(value);
                    }
                }
            }
        }
    }

    /// What an assignment says about the type of a variable.
    fn remember(&mut self, var: Var, made: Option<Many>, held: Option<Held>) {
        let info = &mut self.cfg.vars[var.0 as usize];
        info.many = info.many.or(made).or(held.and_then(|held| held.many));
        info.optional |= held.is_some_and(|held| held.optional);
    }

    /// What a pattern or an `if let` matches.
    pub(super) fn subject(&mut self, expr: &Expr) -> Subject {
        if let Some((argument, field)) = self.argument_place(expr) {
            self.touch(argument, field.as_deref());
        }
        if let Expr::Path(path) = peel(expr)
            && let Some(Binding::Struct(var)) = self.local(&path.path)
        {
            return Subject::var(var);
        }
        if let Expr::MethodCall(call) = peel(expr)
            && let Some(replaced) = self.replaced(call)
        {
            return Subject::var(replaced);
        }
        match self.place(expr) {
            Place::Var(var) => Subject::var(var),
            Place::Part(var) => {
                self.event(Event::Join(var));
                Subject::None
            }
            Place::Field(var, index) => Subject::var(self.unpack(var, index, false)),
            Place::Ref(var, access) | Place::Value(Value::Ref(var, access)) => {
                Subject::lent(var, access)
            }
            Place::Value(Value::WhenOk(all)) => Subject::WhenOk(all, false),
            Place::Value(Value::Raced(sides)) => Subject::Raced(sides),
            Place::Value(value) => match self.gather(value) {
                Value::Handles(held) if !held.lazy => Subject::var(held.var),
                value => {
                    self.consume(value);
                    Subject::None
                }
            },
        }
    }
}

/// Whether an expression is a variable.
fn is_place(expr: &Expr) -> bool {
    matches!(peel(expr), Expr::Path(_))
}

/// Whether a pattern takes a value apart.
fn has_fields(pattern: &Pat) -> bool {
    matches!(super::forms::strip(pattern), Pat::Tuple(_) | Pat::Struct(_))
}

/// Whether a `let` begins with an `Option` that is empty or out of sight.
fn is_none(pattern: &Pat, init: &Expr) -> bool {
    is_optional(pattern)
        || matches!(peel(init), Expr::Path(path)
            if path.path.segments.last().is_some_and(|last| last.ident == "None"))
}

/// Whether a `let` says that the type is an `Option`.
fn is_optional(pattern: &Pat) -> bool {
    matches!(pattern, Pat::Type(typed) if super::is_option(&typed.ty))
}

/// The kind of collection that a `let` creates, by its type or its initial value.
fn made_collection(pattern: &Pat, init: Option<&Expr>) -> Option<Many> {
    if let Pat::Type(typed) = pattern {
        return match &*typed.ty {
            Type::Path(path) => {
                let last = path.path.segments.last()?;
                collection(&last.ident.unraw().to_string())
            }
            Type::Array(_) => Some(Many::List),
            _ => None,
        };
    }
    match init.map(peel)? {
        Expr::MethodCall(call) if call.method == "collect" && call.args.is_empty() => {
            match &call.turbofish {
                Some(generics) => {
                    let generics = generics.to_token_stream().to_string();
                    let types = generics.split(|c: char| !c.is_alphanumeric());
                    types.into_iter().find_map(collection)
                }
                None => Some(Many::List),
            }
        }
        Expr::MethodCall(call) if call.method == "unwrap" || call.method == "expect" => {
            made_collection(pattern, Some(&call.receiver))
        }
        Expr::Try(inner) => made_collection(pattern, Some(&inner.expr)),
        // `Vec::with_capacity(n)`, `Vec::<_>::new()`
        Expr::Call(call) => match peel(&call.func) {
            Expr::Path(path) => super::invoke::made_collection(&path.path),
            _ => None,
        },
        _ => None,
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
