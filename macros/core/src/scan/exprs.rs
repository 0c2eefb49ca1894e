//! The positions in which an expression can stand, and what each does with the value.

use quote::quote;
use syn::ext::IdentExt;
use syn::{Expr, ExprCall, ExprClosure, ExprMethodCall, Lifetime};

use super::calls::{self, Found, peel};
use super::discard::{Fate, assigned};
use super::sites::{self, Disposition};
use super::{Kind, Scan, Waits, attrs};
use crate::spans::{generated, located};

impl Scan<'_> {
    /// An expression, and what becomes of its value.
    ///
    /// Each position says whether it uses the value, drops it or passes it on. A value in a position that is not listed
    /// is one of an operator, a condition or a type that has no handle in it.
    #[allow(clippy::too_many_lines, reason = "one arm for each position")]
    pub(super) fn expr(&mut self, expr: &mut Expr, fate: &Fate) {
        if let Some(found) = self.spawn(expr) {
            return self.site(expr, found, fate);
        }
        if self.unwrap_drop(expr) {
            return;
        }
        let used = &Fate::Used;
        match expr {
            // Passed on.
            Expr::Paren(inner) => self.expr(&mut inner.expr, fate),
            Expr::Group(inner) => self.expr(&mut inner.expr, fate),
            Expr::Unsafe(inner) => self.block(&mut inner.block, fate),
            Expr::Block(inner) => match &inner.label {
                Some(label) => {
                    let label = Some(name_of(&label.name));
                    self.framed(label, false, fate.typed(), |scan| {
                        scan.block(&mut inner.block, &fate.typed());
                    });
                }
                None => self.block(&mut inner.block, fate),
            },
            Expr::If(_) | Expr::Match(_) => {
                // All branches have one type: `()` only where all of them are spawns.
                let fate = match fate {
                    Fate::Dropped { unit: true, .. } if self.is_unit(expr) => fate.clone(),
                    fate => fate.typed(),
                };
                match expr {
                    Expr::If(inner) => self.branches(inner, &fate),
                    Expr::Match(inner) => self.arms(inner, &fate),
                    _ => {}
                }
            }
            Expr::Loop(inner) => {
                let label = inner.label.as_ref().map(|label| name_of(&label.name));
                self.framed(label, true, fate.typed(), |scan| {
                    scan.block(&mut inner.body, &Fate::TYPED);
                });
            }
            Expr::Tuple(inner) => {
                let count = inner.elems.len();
                for (index, elem) in inner.elems.iter_mut().enumerate() {
                    self.expr(elem, &fate.element(index, count));
                }
            }
            Expr::Array(inner) => {
                let count = inner.elems.len();
                for (index, elem) in inner.elems.iter_mut().enumerate() {
                    self.expr(elem, &fate.element(index, count));
                }
            }
            Expr::Reference(inner) => self.expr(&mut inner.expr, &fate.referent()),
            Expr::Struct(inner) => {
                let literal = inner.clone();
                for field in &mut inner.fields {
                    let around = self.cfgs.len();
                    self.cfgs.extend(attrs::cfgs(&field.attrs));
                    let fate = fate.field(&literal, &field.member);
                    self.expr(&mut field.expr, &fate);
                    self.cfgs.truncate(around);
                }
                if let Some(rest) = &mut inner.rest {
                    self.expr(rest, used);
                }
            }
            Expr::Call(call) => self.call(call, fate),
            Expr::MethodCall(call) => self.method_call(call, fate),
            Expr::Macro(inner) => self.invocation(&mut inner.mac, &fate.typed()),
            Expr::Field(inner) => {
                // Of a tuple literal the other elements are dropped.
                if let Expr::Tuple(tuple) = &mut *inner.base
                    && let syn::Member::Unnamed(member) = &inner.member
                {
                    for (index, elem) in tuple.elems.iter_mut().enumerate() {
                        let taken = index == member.index as usize;
                        self.expr(elem, if taken { fate } else { &Fate::TYPED });
                    }
                } else {
                    self.expr(&mut inner.base, used);
                }
            }
            // Goes elsewhere.
            Expr::Break(inner) => {
                if let Some(value) = &mut inner.expr {
                    let label = inner.label.as_ref().map(name_of);
                    let fate = self.fate_of_break(label.as_deref());
                    self.expr(value, &fate);
                }
            }
            Expr::Return(inner) => {
                if let Some(value) = &mut inner.expr {
                    let fate = self.result.typed();
                    self.expr(value, &fate);
                }
            }
            Expr::Assign(inner) => {
                let pattern = assigned(&inner.left);
                let direct = matches!(peel(&inner.left), Expr::Infer(_));
                let fate = match pattern {
                    Some(_) if direct => Fate::UNIT,
                    Some(pattern) => Fate::matched(vec![pattern]),
                    None => Fate::Used,
                };
                self.expr(&mut inner.right, &fate);
                self.expr(&mut inner.left, used);
            }
            Expr::Let(inner) => {
                self.expr(&mut inner.expr, &Fate::matched(vec![(*inner.pat).clone()]));
                self.resolver.bind(&inner.pat);
            }
            // Bodies of their own.
            Expr::Closure(inner) => self.closure(inner, Fate::Used),
            Expr::Async(inner) => {
                let moves = inner.capture.is_some();
                self.body(moves, Fate::Used, |scan| {
                    scan.block(&mut inner.block, &Fate::Used);
                });
            }
            Expr::Await(inner) => {
                self.awaited(&mut inner.base, fate);
            }
            Expr::TryBlock(inner) => {
                let fate = Fate::Used;
                self.body(true, fate.clone(), |scan| {
                    scan.block(&mut inner.block, &fate);
                });
            }
            // Loops without a value.
            Expr::While(inner) => {
                let label = inner.label.as_ref().map(|label| name_of(&label.name));
                self.resolver.enter_scope();
                self.condition(&mut inner.cond, &inner.body);
                self.framed(label, true, Fate::TYPED, |scan| {
                    scan.block(&mut inner.body, &Fate::TYPED);
                });
                self.resolver.leave_scope();
            }
            Expr::ForLoop(inner) => {
                let label = inner.label.as_ref().map(|label| name_of(&label.name));
                self.expr(&mut inner.expr, used);
                self.resolver.enter_scope();
                self.resolver.bind(&inner.pat);
                self.framed(label, true, Fate::TYPED, |scan| {
                    scan.block(&mut inner.body, &Fate::TYPED);
                });
                self.resolver.leave_scope();
            }
            // Operands.
            Expr::Binary(inner) => {
                self.expr(&mut inner.left, used);
                self.expr(&mut inner.right, used);
            }
            Expr::Unary(inner) => self.expr(&mut inner.expr, used),
            Expr::Cast(inner) => self.expr(&mut inner.expr, used),
            Expr::Try(inner) => self.expr(&mut inner.expr, &fate.unwrapped()),
            Expr::Index(inner) => {
                self.expr(&mut inner.expr, used);
                self.expr(&mut inner.index, used);
            }
            Expr::Range(inner) => {
                for end in [&mut inner.start, &mut inner.end].into_iter().flatten() {
                    self.expr(end, used);
                }
            }
            Expr::RawAddr(inner) => self.expr(&mut inner.expr, used),
            Expr::Repeat(inner) => self.expr(&mut inner.expr, used),
            Expr::Yield(inner) => {
                if let Some(value) = &mut inner.expr {
                    self.expr(value, used);
                }
            }
            // No expression in them, or none that is read.
            Expr::Const(_)
            | Expr::Continue(_)
            | Expr::Infer(_)
            | Expr::Lit(_)
            | Expr::Path(_)
            | Expr::Verbatim(_)
            | _ => {}
        }
    }

    /// Takes a spawn apart and leaves its marker.
    fn site(&mut self, expr: &mut Expr, found: Found, fate: &Fate) {
        let disposition = match fate {
            Fate::Used | Fate::Matched(_) => Disposition::Held,
            Fate::Dropped { unit, .. } => Disposition::Discarded { unit: *unit },
        };
        let span = sites::begin(expr);
        let taken = std::mem::replace(expr, sites::nothing());
        let copy = taken.clone();
        let Some(mut site) = self.take(taken, found, disposition) else {
            *expr = copy;
            return;
        };
        if let Fate::Dropped { name, .. } = fate {
            site.unused = name.as_deref().map(str::to_owned);
        }
        // Threads take no place, and what a set or a tracker has is not counted.
        self.wanted |= matches!(found, Found::Path(_))
            && site.kind != Kind::Thread
            && self.waits != Waits::Never;
        let discarded = site.is_discarded();
        let index = self.sites.reserve(site);
        if let Found::Method(..) = found {
            self.probes.push(index);
        }
        let mut argument =
            std::mem::replace(&mut self.sites.get_mut(index).argument, sites::nothing());
        self.argument(&mut argument, discarded);
        self.sites.get_mut(index).argument = argument;
        if let super::Callee::Method(call) = self.sites.get_mut(index).callee.clone() {
            let mut call = call;
            for (place, arg) in call.args.iter_mut().enumerate() {
                if place > 0 {
                    self.expr(arg, &Fate::Used);
                }
            }
            self.sites.get_mut(index).callee = super::Callee::Method(call);
        }
        let mut marker = sites::marker(index, span);
        // The conditions of a statement stand at its leftmost expression.
        if let Expr::Macro(marker) = &mut marker {
            marker.attrs = std::mem::take(&mut self.sites.get_mut(index).attrs);
            attrs::weaken(&mut marker.attrs);
        }
        *expr = marker;
    }

    /// What is spawned. The value of a literal goes where the task's output goes.
    fn argument(&mut self, argument: &mut Expr, discarded: bool) {
        let fate = if discarded { Fate::TYPED } else { Fate::Used };
        match argument {
            Expr::Paren(inner) => self.argument(&mut inner.expr, discarded),
            Expr::Group(inner) => self.argument(&mut inner.expr, discarded),
            Expr::Async(inner) => {
                let moves = inner.capture.is_some();
                self.body(moves, fate.clone(), |scan| {
                    scan.block(&mut inner.block, &fate);
                });
            }
            Expr::Closure(inner) => self.closure(inner, fate),
            argument => self.expr(argument, &Fate::Used),
        }
    }

    fn closure(&mut self, closure: &mut ExprClosure, fate: Fate) {
        let moves = closure.capture.is_some();
        let outer = std::mem::take(&mut self.probes);
        self.body(moves, fate.clone(), |scan| {
            for input in &closure.inputs {
                scan.resolver.bind(input);
            }
            scan.expr(&mut closure.body, &fate);
        });
        // Of a body that is no block.
        let probes = std::mem::replace(&mut self.probes, outer);
        if !probes.is_empty() {
            let span = located(sites::begin(&closure.body));
            let probes = probes.into_iter().map(|site| sites::probe(site, span));
            let body = std::mem::replace(&mut *closure.body, sites::nothing());
            let stmts = probes.chain([syn::Stmt::Expr(body, None)]).collect();
            *closure.body = Expr::Block(syn::ExprBlock {
                attrs: Vec::new(),
                label: None,
                block: syn::Block {
                    brace_token: syn::token::Brace(span),
                    stmts,
                },
            });
        }
    }

    /// Replaces `drop(spawn(…))` and `_ = spawn(…)` by the spawn where it is `()`, which would be a lint there. Where a `use`
    /// brought `drop` in, it stays used.
    ///
    /// ```text
    /// Input:  mem::drop(tokio::spawn(f));
    /// Output: { use mem::drop as _; __rejoin_site!(0) };
    /// ```
    fn unwrap_drop(&mut self, expr: &mut Expr) -> bool {
        let mut mention = None;
        let (inner, attrs) = match expr {
            Expr::Call(call) if self.is_drop(call) && self.is_unit(&call.args[0]) => {
                mention = calls::callee(call).cloned().and_then(calls::imported);
                (&mut call.args[0], &mut call.attrs)
            }
            Expr::Assign(assign) if self.is_unit(&assign.right) => match &mut *assign.left {
                // Attributes of a statement stand at its leftmost expression.
                Expr::Infer(infer) => (&mut *assign.right, &mut infer.attrs),
                _ => return false,
            },
            _ => return false,
        };
        let mut attrs = std::mem::take(attrs);
        let mut inner = std::mem::replace(inner, sites::nothing());
        self.expr(&mut inner, &Fate::UNIT);
        if let Some(path) = mention {
            let path = generated(quote!(#path));
            let span = located(sites::begin(&inner));
            let mut block: syn::ExprBlock = syn::parse_quote_spanned!(span=> { use #path as _; });
            block.block.stmts.push(syn::Stmt::Expr(inner, None));
            inner = Expr::Block(block);
        }
        *expr = super::with_attrs(inner, &mut attrs);
        true
    }

    fn call(&mut self, call: &mut ExprCall, fate: &Fate) {
        if self.is_drop(call) {
            let dropped = Fate::UNIT;
            return call
                .args
                .iter_mut()
                .for_each(|arg| self.expr(arg, &dropped));
        }
        // A closure that is called where it is written.
        match &mut *call.func {
            Expr::Paren(inner) => match &mut *inner.expr {
                Expr::Closure(closure) => self.closure(closure, fate.typed()),
                other => self.expr(other, &Fate::Used),
            },
            other => self.expr(other, &Fate::Used),
        }
        let inside = match (super::calls::callee(call), call.args.len()) {
            (Some(path), 1) => path.segments.last().and_then(|last| {
                let text = last.ident.unraw().to_string();
                match &*text {
                    "Some" | "Ok" | "Err" => Some(fate.inside(&last.ident)),
                    // A pointer of the standard library that is dropped drops what it owns.
                    "new" | "pin" if is_pointer(path) && !matches!(fate, Fate::Matched(_)) => {
                        Some(fate.typed())
                    }
                    _ => None,
                }
            }),
            _ => None,
        };
        let inside = inside.unwrap_or(Fate::Used);
        for arg in &mut call.args {
            self.expr(arg, &inside);
        }
    }

    /// A future, and what becomes of its output: what an async block yields is the value of its await.
    pub(super) fn awaited(&mut self, future: &mut Expr, fate: &Fate) {
        let Expr::Async(literal) = future else {
            return self.expr(future, &Fate::Used);
        };
        let fate = fate.typed();
        let moves = literal.capture.is_some();
        self.body(moves, fate.clone(), |scan| {
            scan.block(&mut literal.block, &fate);
        });
    }

    fn method_call(&mut self, call: &mut ExprMethodCall, fate: &Fate) {
        let dropped = matches!(fate, Fate::Dropped { .. });
        let method = call.method.to_string();
        // What the value is made of is in it, and nowhere else.
        let receiver = match &*method {
            "collect" if dropped => Fate::TYPED,
            "unwrap" | "expect" => fate.unwrapped(),
            _ => Fate::Used,
        };
        match &mut *call.receiver {
            Expr::MethodCall(inner) if !is_mapping(inner) => {
                self.expr(&mut call.receiver, &Fate::Used);
            }
            Expr::MethodCall(inner) => self.method_call(inner, &receiver),
            other => self.expr(other, &receiver),
        }
        // What a closure of an `Option`, a `Result`, a `bool` or an iterator returns is in the value of the call.
        let closure = match &*method {
            "map" | "then" | "then_some" => fate.content(),
            "and_then" => fate.typed(),
            _ => Fate::Used,
        };
        for arg in &mut call.args {
            match arg {
                Expr::Closure(inner) => self.closure(inner, closure.clone()),
                arg if method == "then_some" => self.expr(arg, &closure),
                arg => self.expr(arg, &Fate::Used),
            }
        }
    }
}

fn name_of(label: &Lifetime) -> String {
    label.ident.unraw().to_string()
}

/// Whether a method is none of a handle, and its value is made of what its closure returns.
fn is_mapping(call: &ExprMethodCall) -> bool {
    ["map", "and_then", "then", "then_some", "collect"]
        .iter()
        .any(|name| call.method == name)
}

/// `Box::new`, `Arc::new` and their like.
fn is_pointer(path: &syn::Path) -> bool {
    let mut segments = path.segments.iter().rev().skip(1);
    segments
        .next()
        .is_some_and(|ty| ["Box", "Arc", "Rc"].iter().any(|name| ty.ident == name))
}
