//! Finds the spawns of a body and replaces them.
//!
//! Entered: closures, async blocks, and the input of the macros in [`tokens`](super::tokens). Not entered: items, and
//! every other macro.

use proc_macro2::{Span, TokenStream};
use syn::spanned::Spanned;
use syn::visit_mut::{self, VisitMut};
use syn::{Attribute, Block, Expr, Ident, Item, Local, Stmt};

use super::attrs::{attrs_of, cfgs, cfgs_of};
use super::calls::{self, Kind, is_drop, recognise};
use super::discard::{After, Verdict, assigned_to_nothing, binds_nothing, verdict};
use super::imports::Names;
use super::tokens;
use crate::emit::{Slot, Spawns};

/// Where a body with a limit may wait for a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waits {
    /// Before this statement.
    Here,
    /// Before the statement around: in the input of a macro.
    Around,
    /// Nowhere: in closures and in async blocks.
    Never,
}

/// The pass over one body.
pub struct Rewrite<'a> {
    pub names: &'a mut Names,
    pub spawns: &'a Spawns,
    pub waits: Waits,
    /// A spawn was found that the innermost statement has yet to wait for.
    wanted: bool,
    /// How many spawns were replaced.
    pub replaced: usize,
    /// The slots of discarded spawns, for the function's frame to declare; none where nobody takes their errors.
    pub slots: Vec<Slot>,
    /// How many slots and questions have a number.
    numbered: u32,
    /// The conditions around.
    cfgs: Vec<Attribute>,
    /// What has to stand before the innermost statement.
    before: Vec<Before>,
}

/// Something that has to stand before a statement.
enum Before {
    Slot(TokenStream),
    /// A question about a receiver, whose answers are in traits.
    Probe(TokenStream, Span),
}

impl<'a> Rewrite<'a> {
    pub fn new(names: &'a mut Names, spawns: &'a Spawns, waits: Waits) -> Self {
        Self {
            names,
            spawns,
            waits,
            wanted: false,
            replaced: 0,
            slots: Vec::new(),
            numbered: 0,
            cfgs: Vec::new(),
            before: Vec::new(),
        }
    }

    /// Replaces the spawns of a block; `discarded` says that nobody has the value of its tail.
    pub fn block(&mut self, block: &mut Block, discarded: bool) {
        self.names.enter_block(block);
        let mut stmts = std::mem::take(&mut block.stmts);
        let mut done = Vec::with_capacity(stmts.len());
        let mut mentions = None;
        let mut answered = false;
        for index in 0..stmts.len() {
            let (before, after) = stmts.split_at_mut(index + 1);
            let outer = std::mem::take(&mut self.wanted);
            let outer_before = std::mem::take(&mut self.before);
            let last = after.is_empty();
            let (cfgs, span) = (cfgs_of(&before[index]), before[index].span());
            let after = After {
                stmts: after,
                begin: index + 1,
                mentions: &mut mentions,
            };
            self.under(cfgs.clone(), |this| {
                this.statement(&mut before[index], after, discarded && last);
            });
            let wanted = std::mem::replace(&mut self.wanted, outer);
            let mine = std::mem::replace(&mut self.before, outer_before);
            let tokens = self.begin(mine, &mut answered);
            if !tokens.is_empty() {
                done.push((index, Stmt::Expr(Expr::Verbatim(tokens), None)));
            }
            if wanted && self.waits == Waits::Here && self.spawns.limit {
                done.push((index, self.spawns.place(&cfgs, span)));
            } else {
                self.wanted |= wanted;
            }
        }
        block.stmts = with_places(stmts, done);
        self.names.leave_block();
    }

    /// What stands before a statement, as tokens; the answers of questions once a block.
    fn begin(&self, before: Vec<Before>, answered: &mut bool) -> TokenStream {
        let mut tokens = TokenStream::new();
        for before in before {
            match before {
                Before::Slot(slot) => tokens.extend(slot),
                Before::Probe(question, span) => {
                    if !std::mem::replace(answered, true) {
                        tokens.extend(self.spawns.answers(span));
                    }
                    tokens.extend(question);
                }
            }
        }
        tokens
    }

    /// Visits under more conditions.
    fn under<R>(&mut self, mut cfgs: Vec<Attribute>, visit: impl FnOnce(&mut Self) -> R) -> R {
        let around = self.cfgs.len();
        self.cfgs.append(&mut cfgs);
        let result = visit(self);
        self.cfgs.truncate(around);
        result
    }

    fn number(&mut self) -> u32 {
        let number = self.numbered;
        self.numbered += 1;
        number
    }

    /// The slot of a discarded spawn at a place.
    fn slot(&mut self, span: Span) -> Slot {
        let slot = Slot {
            number: self.number(),
            cfgs: self.cfgs.clone(),
            span,
        };
        if self.spawns.takes() {
            self.slots.push(slot.clone());
        }
        slot
    }

    /// What a literal that is not `move` begins with, if there are slots in it from this one on: it borrows no local of the
    /// function around, so that it may outlive that.
    pub fn borrowed(&mut self, first: usize) -> TokenStream {
        let slots = self.slots.get(first..).unwrap_or_default();
        let lent = slots.iter().map(|slot| Before::Slot(slot.lent()));
        self.before.extend(lent);
        slots.iter().map(Slot::borrowed).collect()
    }

    /// Visits a closure or an async block.
    fn literal(&mut self, expr: &mut Expr) {
        let first = self.slots.len();
        let outer = std::mem::take(&mut self.before);
        self.waiting(Waits::Never, |this| visit_mut::visit_expr_mut(this, expr));
        // Of a closure whose body is no block.
        let left = std::mem::replace(&mut self.before, outer);
        let mut begin = self.begin(left, &mut false);
        match expr {
            Expr::Async(literal) if literal.capture.is_none() => {
                let borrowed = self.borrowed(first);
                if !borrowed.is_empty() {
                    literal.async_token.span = crate::emit::located(literal.async_token.span);
                }
                prepend(&mut literal.block, borrowed);
            }
            Expr::Closure(literal) => {
                if literal.capture.is_none() {
                    let mut all = self.borrowed(first);
                    if !all.is_empty() {
                        let begin = &mut literal.inputs_begin.spans[0];
                        *begin = crate::emit::located(*begin);
                    }
                    all.extend(begin);
                    begin = all;
                }
                if begin.is_empty() {
                    return;
                }
                if let Expr::Block(body) = &mut *literal.body
                    && body.label.is_none()
                    && body.attrs.is_empty()
                {
                    prepend(&mut body.block, begin);
                } else {
                    let body = &literal.body;
                    *literal.body = Expr::Verbatim(crate::emit::braced(&begin, body));
                }
            }
            _ => {}
        }
    }

    fn statement(&mut self, stmt: &mut Stmt, after: After<'_>, discarded: bool) {
        match stmt {
            Stmt::Expr(expr, semi) if semi.is_some() || discarded => {
                if semi.is_some() && assigned_to_nothing(expr) {
                    // `_ = spawn(…);`
                    if let Expr::Assign(assign) = expr
                        && verdict(&assign.right, self.names) == Verdict::Spawn
                    {
                        // Attributes of the statement are found at its leftmost expression.
                        let mut attrs = match &mut *assign.left {
                            Expr::Infer(infer) => std::mem::take(&mut infer.attrs),
                            _ => Vec::new(),
                        };
                        let mut right = std::mem::replace(&mut *assign.right, nothing());
                        self.discard(&mut right);
                        *expr = with_attrs(right, &mut attrs);
                        return;
                    }
                }
                if verdict(expr, self.names) == Verdict::Spawn {
                    self.discard(expr);
                    if let Some(semi) = semi {
                        // After a block that is `()` now it would be a lint.
                        semi.span = crate::emit::located(semi.span);
                    }
                } else if semi.is_none() || !self.by_method(expr, true) {
                    self.visit_expr_mut(expr);
                }
            }
            Stmt::Local(local) => match self.discarding_let(local, after) {
                Some(expr) => {
                    let mut semi = local.semi_token;
                    semi.span = crate::emit::located(semi.span);
                    *stmt = Stmt::Expr(expr, Some(semi));
                }
                None => self.visit_local_mut(local),
            },
            stmt => self.visit_stmt_mut(stmt),
        }
    }

    /// `let _ = spawn(…);` without its `let`: binding a unit would be a lint.
    fn discarding_let(&mut self, local: &mut Local, mut after: After<'_>) -> Option<Expr> {
        if verdict(&local.init.as_ref()?.expr, self.names) != Verdict::Spawn
            || !binds_nothing(local, &mut after)
        {
            return None;
        }
        let init = local.init.as_mut()?;
        let mut expr = std::mem::replace(&mut *init.expr, nothing());
        self.discard(&mut expr);
        Some(with_attrs(expr, &mut local.attrs))
    }

    /// Replaces the spawns whose value an expression discards; its verdict is `Spawn`.
    fn discard(&mut self, expr: &mut Expr) {
        match expr {
            Expr::Paren(inner) => self.discard(&mut inner.expr),
            Expr::Group(inner) => self.discard(&mut inner.expr),
            Expr::Block(inner) => self.block(&mut inner.block, true),
            Expr::Unsafe(inner) => self.block(&mut inner.block, true),
            Expr::If(inner) => {
                self.visit_expr_mut(&mut inner.cond);
                self.block(&mut inner.then_branch, true);
                if let Some((_, otherwise)) = &mut inner.else_branch {
                    self.discard(otherwise);
                }
            }
            Expr::Match(inner) => {
                self.visit_expr_mut(&mut inner.expr);
                for arm in &mut inner.arms {
                    self.under(cfgs(&arm.attrs), |this| {
                        this.visit_pat_mut(&mut arm.pat);
                        this.discard(&mut arm.body);
                    });
                }
            }
            expr => match recognise(expr, self.names) {
                Some(kind) => self.replace(expr, kind, true),
                None => self.visit_expr_mut(expr),
            },
        }
    }

    /// Replaces a recognised spawn.
    fn replace(&mut self, expr: &mut Expr, kind: Kind, discarded: bool) {
        let Some(mut call) = calls::take(std::mem::replace(expr, nothing()), kind) else {
            return;
        };
        self.visit_expr_mut(&mut call.argument);
        self.replaced += 1;
        // Threads take no place.
        self.wanted |= kind != Kind::Thread && self.waits != Waits::Never;
        *expr = if discarded {
            let slot = if call.plain {
                None
            } else {
                Some(self.slot(call.span))
            };
            self.spawns.discarded(&call, slot.as_ref())
        } else {
            self.spawns.held(&call)
        };
    }

    /// Visits with other rules for waiting.
    pub fn waiting<R>(&mut self, waits: Waits, visit: impl FnOnce(&mut Self) -> R) -> R {
        let waits = if self.waits == Waits::Never {
            Waits::Never
        } else {
            waits
        };
        let outer = std::mem::replace(&mut self.waits, waits);
        let result = visit(self);
        self.waits = outer;
        result
    }

    /// Rewrites what may be a spawn by a method of a receiver that is known; in a statement nobody has what it gives.
    fn by_method(&mut self, expr: &mut Expr, statement: bool) -> bool {
        let Expr::MethodCall(call) = expr else {
            return false;
        };
        if !may_be_known(call) {
            return false;
        }
        for arg in &mut call.args {
            self.visit_expr_mut(arg);
        }
        let user = call.method.span();
        let number = self.number();
        let slot = statement.then(|| self.slot(user));
        if let Some(slot) = &slot
            && !self.spawns.takes()
        {
            self.before.push(Before::Slot(self.spawns.slot(slot)));
        }
        let Some(probed) = self.spawns.by_method(call, number, slot.as_ref()) else {
            return false;
        };
        let question = self.spawns.asked(call, number, &self.cfgs);
        self.before.push(Before::Probe(question, user));
        *expr = probed;
        self.replaced += 1;
        true
    }
}

impl VisitMut for Rewrite<'_> {
    fn visit_item_mut(&mut self, _: &mut Item) {}

    fn visit_block_mut(&mut self, block: &mut Block) {
        self.block(block, false);
    }

    fn visit_macro_mut(&mut self, mac: &mut syn::Macro) {
        tokens::rewrite(self, mac);
    }

    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        if let Some(kind) = recognise(expr, self.names) {
            return self.replace(expr, kind, false);
        }
        if is_drop(expr, self.names)
            && let Expr::Call(call) = expr
            && let Some(arg) = call.args.first_mut()
            && verdict(arg, self.names) == Verdict::Spawn
        {
            let mut attrs = std::mem::take(&mut call.attrs);
            let mut arg = std::mem::replace(arg, nothing());
            self.discard(&mut arg);
            *expr = with_attrs(arg, &mut attrs);
            return;
        }
        if self.by_method(expr, false) {
            return;
        }
        let conditions = cfgs(attrs_of(expr));
        self.under(conditions, |this| match expr {
            Expr::Async(_) | Expr::Closure(_) => this.literal(expr),
            Expr::Const(_) => {}
            expr => visit_mut::visit_expr_mut(this, expr),
        });
    }

    fn visit_arm_mut(&mut self, arm: &mut syn::Arm) {
        self.under(cfgs(&arm.attrs), |this| {
            visit_mut::visit_arm_mut(this, arm);
        });
    }

    fn visit_field_value_mut(&mut self, field: &mut syn::FieldValue) {
        self.under(cfgs(&field.attrs), |this| {
            visit_mut::visit_field_value_mut(this, field);
        });
    }
}

/// Puts tokens before the statements of a block.
fn prepend(block: &mut Block, tokens: TokenStream) {
    if !tokens.is_empty() {
        let begin = Stmt::Expr(Expr::Verbatim(tokens), None);
        block.stmts.insert(0, begin);
    }
}

/// Whether a method call may be a spawn of a receiver that is known: the receiver is a path or a chain of fields, and the
/// argument may be a future or a closure.
fn may_be_known(call: &syn::ExprMethodCall) -> bool {
    let (arguments, blocking) = match &*call.method.to_string() {
        "spawn" | "spawn_local" => (1, false),
        "spawn_on" | "spawn_local_on" => (2, false),
        "spawn_blocking" => (1, true),
        "spawn_blocking_on" => (2, true),
        _ => return false,
    };
    let Some(first) = call.args.first() else {
        return false;
    };
    call.args.len() == arguments
        && is_place(&call.receiver)
        && match calls::peel(first) {
            Expr::Closure(_) => blocking,
            first => may_be_task(first),
        }
}

fn is_place(expr: &Expr) -> bool {
    match expr {
        Expr::Path(path) => path.qself.is_none() && path.attrs.is_empty(),
        Expr::Field(field) => field.attrs.is_empty() && is_place(&field.base),
        Expr::Group(group) => is_place(&group.expr),
        _ => false,
    }
}

fn may_be_task(expr: &Expr) -> bool {
    match expr {
        // Expanded already.
        Expr::MethodCall(call) => {
            let method = call.method.to_string();
            !method.starts_with("__rejoin_edge") && !method.starts_with("__rejoin_discard")
        }
        Expr::Array(_)
        | Expr::Assign(_)
        | Expr::Binary(_)
        | Expr::Cast(_)
        | Expr::Lit(_)
        | Expr::Range(_)
        | Expr::RawAddr(_)
        | Expr::Reference(_)
        | Expr::Repeat(_)
        | Expr::Tuple(_) => false,
        _ => true,
    }
}

/// The statements with others before those at these places, which are in order.
fn with_places(stmts: Vec<Stmt>, places: Vec<(usize, Stmt)>) -> Vec<Stmt> {
    if places.is_empty() {
        return stmts;
    }
    let mut places = places.into_iter().peekable();
    let mut all = Vec::with_capacity(stmts.len() + places.len());
    for (index, stmt) in stmts.into_iter().enumerate() {
        while let Some((_, before)) = places.next_if(|(place, _)| *place == index) {
            all.push(before);
        }
        all.push(stmt);
    }
    all
}

fn nothing() -> Expr {
    Expr::Verbatim(proc_macro2::TokenStream::new())
}

/// Puts attributes before an expression. An `#[expect]` for the lint on the `let` that is gone must not be disappointed.
fn with_attrs(expr: Expr, attrs: &mut Vec<Attribute>) -> Expr {
    if attrs.is_empty() {
        return expr;
    }
    for attr in attrs.iter_mut() {
        if let syn::Meta::List(list) = &mut attr.meta
            && list.path.is_ident("expect")
        {
            let span = list.path.span();
            list.path = Ident::new("allow", span).into();
        }
    }
    let attrs = std::mem::take(attrs);
    Expr::Verbatim(crate::emit::attributed(&attrs, &expr))
}

#[cfg(test)]
#[path = "spawn_tests.rs"]
mod tests;
