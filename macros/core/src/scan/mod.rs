//! Syntax in, facts out: the one reading of a body.
//!
//! The scan walks a body once, with the resolver, and takes each spawn apart into [`Sites`]: what it starts, how it is
//! written, whether its value is held or discarded, and what stands around it. A marker stays in its place.
//!
//! Entered: closures, async blocks, and the input of the macros in [`macros`]. Not entered: items, `const` blocks, and
//! every other macro.

use std::collections::HashSet;

use quote::ToTokens;
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Attribute, Block, Expr, ImplItemFn, Local, Pat, Stmt};

pub mod attrs;
mod calls;
mod control;
pub mod discard;
mod exprs;
pub mod file;
pub mod lexer;
mod lookup;
pub mod macros;
pub mod names;
pub mod plain;
mod prelude;
pub mod reader;
pub mod resolve;
pub mod select;
pub mod sites;
mod tokens;
pub mod types;
mod uses;

pub use calls::peel;
use discard::{After, Fate, drops, hidden_names, without_unused};
pub use resolve::{Around, Resolver};
pub use sites::{Callee, Disposition, Kind, Site, Sites};

/// Where a body with a limit may wait for a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Waits {
    /// Before this statement.
    Here,
    /// Before the statement around: in the input of a macro.
    Around,
    /// Nowhere: in closures and in async blocks.
    Never,
}

/// What a `break` goes to.
struct Frame {
    label: Option<String>,
    is_loop: bool,
    fate: Fate,
}

/// The scan of one body.
pub struct Scan<'a> {
    resolver: &'a mut Resolver,
    sites: Sites,
    /// Where the body waits for a place, if it has a limit.
    waits: Waits,
    /// A spawn was found that the innermost statement has yet to wait for.
    wanted: bool,
    /// The sites of the innermost statement that are known by the type of a receiver.
    probes: Vec<usize>,
    /// Whether a closure or an async block around is not `move`.
    captured: bool,
    cfgs: Vec<Attribute>,
    frames: Vec<Frame>,
    /// What becomes of the value of a `return`.
    result: Fate,
}

/// Scans the body of a function. With a limit, the places where it waits are marked too.
pub fn scan(function: &mut ImplItemFn, resolver: &mut Resolver, limit: bool) -> Sites {
    resolver.enter_scope();
    resolver.bind_signature(&function.sig);
    let sites = scan_block(&mut function.block, resolver, limit);
    resolver.leave_scope();
    sites
}

/// Scans a block whose value is used.
pub fn scan_block(block: &mut Block, resolver: &mut Resolver, limit: bool) -> Sites {
    let mut scan = Scan {
        resolver,
        sites: Sites::default(),
        waits: if limit { Waits::Here } else { Waits::Never },
        wanted: false,
        probes: Vec::new(),
        captured: false,
        cfgs: Vec::new(),
        frames: Vec::new(),
        result: Fate::Used,
    };
    scan.block(block, &Fate::Used);
    scan.sites
}

impl Scan<'_> {
    fn block(&mut self, block: &mut Block, tail: &Fate) {
        self.resolver.enter_block(block);
        let mut stmts = std::mem::take(&mut block.stmts);
        let mut places = Vec::new();
        let mut mentions = None;
        for index in 0..stmts.len() {
            let (before, after) = stmts.split_at_mut(index + 1);
            let outer = std::mem::take(&mut self.wanted);
            let probes = std::mem::take(&mut self.probes);
            let (cfgs, span) = (attrs::cfgs_of(&before[index]), before[index].span());
            let around = self.cfgs.len();
            self.cfgs.extend(cfgs.iter().cloned());
            let is_tail = after.is_empty();
            let after = After {
                stmts: after,
                begin: index + 1,
                mentions: &mut mentions,
            };
            self.statement(&mut before[index], after, is_tail.then_some(tail));
            self.cfgs.truncate(around);
            let probes = std::mem::replace(&mut self.probes, probes);
            let probe = |site| (index, sites::probe(site, span));
            places.extend(probes.into_iter().map(probe));
            let wanted = std::mem::replace(&mut self.wanted, outer);
            if wanted && self.waits == Waits::Here {
                places.push((index, sites::place(&cfgs, span)));
            } else {
                self.wanted |= wanted;
            }
        }
        block.stmts = with_places(stmts, places);
        self.resolver.leave_block();
    }

    /// A statement; `tail` is the fate of its value where it is the last of a block.
    fn statement(&mut self, stmt: &mut Stmt, after: After<'_>, tail: Option<&Fate>) {
        match stmt {
            Stmt::Item(_) => {}
            Stmt::Local(local) => {
                if let Some(expr) = self.local(local, after) {
                    let mut semi = local.semi_token;
                    // A statement that was a `let` is generated.
                    semi.span = crate::spans::located(semi.span);
                    *stmt = Stmt::Expr(expr, Some(semi));
                }
            }
            Stmt::Expr(expr, semi) => match (tail, semi) {
                (Some(tail), None) => self.expr(expr, tail),
                (_, semi) => {
                    if let Some(semi) = semi
                        && self.is_unit(expr)
                    {
                        // After a block that is `()` now it would be a lint.
                        semi.span = crate::spans::located(semi.span);
                    }
                    self.expr(expr, &Fate::UNIT);
                }
            },
            Stmt::Macro(stmt) => match (tail, &stmt.semi_token) {
                (Some(tail), None) => self.invocation(&mut stmt.mac, &tail.typed()),
                _ => self.invocation(&mut stmt.mac, &Fate::TYPED),
            },
        }
    }

    /// A `let`. One that discards a spawn and nothing else becomes an expression, because binding `()` would be a lint.
    fn local(&mut self, local: &mut Local, mut after: After<'_>) -> Option<Expr> {
        let Some(init) = &mut local.init else {
            self.resolver.bind(&local.pat);
            return None;
        };
        let pattern = without_unused(&local.pat, &mut |name| after.mentions(name));
        let name = || {
            let bound = match &local.pat {
                Pat::Type(typed) => &*typed.pat,
                pattern => pattern,
            };
            match bound {
                Pat::Ident(binding) => Some(binding.ident.unraw().to_string().into()),
                _ => None,
            }
        };
        let fate = match &pattern {
            Pat::Wild(_) => Fate::Dropped {
                unit: true,
                name: name(),
            },
            pattern if drops(pattern) => Fate::Dropped {
                unit: false,
                name: name(),
            },
            _ => Fate::matched(vec![pattern.clone()]),
        };
        if matches!(pattern, Pat::Wild(_)) && init.diverge.is_none() && self.is_unit(&init.expr) {
            let mut expr = std::mem::replace(&mut *init.expr, sites::nothing());
            self.expr(&mut expr, &fate);
            return Some(with_attrs(expr, &mut local.attrs));
        }
        self.expr(&mut init.expr, &fate);
        if let Some((_, otherwise)) = &mut init.diverge {
            self.expr(otherwise, &Fate::Used);
        }
        self.resolver.bind_value(&local.pat, &init.expr);
        None
    }

    /// Runs with other rules for waiting, which only get stricter.
    fn waiting<R>(&mut self, waits: Waits, run: impl FnOnce(&mut Self) -> R) -> R {
        let waits = if self.waits == Waits::Never {
            Waits::Never
        } else {
            waits
        };
        let outer = std::mem::replace(&mut self.waits, waits);
        let result = run(self);
        self.waits = outer;
        result
    }

    /// Enters a closure or an async block, whose `return` gives a value to `result`.
    fn body(&mut self, moves: bool, result: Fate, run: impl FnOnce(&mut Self)) {
        let frames = std::mem::take(&mut self.frames);
        let result = std::mem::replace(&mut self.result, result);
        let captured = self.captured;
        self.captured |= !moves;
        self.resolver.enter_scope();
        self.waiting(Waits::Never, run);
        self.resolver.leave_scope();
        self.captured = captured;
        self.result = result;
        self.frames = frames;
    }

    /// The patterns of arms, in which a `_name` that its arm does not mention is a wildcard.
    fn arm_pattern(pattern: &Pat, arm: &impl ToTokens) -> Pat {
        let mut names = None;
        without_unused(pattern, &mut |name| {
            names
                .get_or_insert_with(|| {
                    let mut found = HashSet::new();
                    hidden_names(arm.to_token_stream(), &mut found);
                    found
                })
                .contains(name)
        })
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
        while let Some((_, place)) = places.next_if(|(place, _)| *place == index) {
            all.push(place);
        }
        all.push(stmt);
    }
    all
}

/// Puts attributes before an expression, weakened: the `let` that they were about is gone.
fn with_attrs(mut expr: Expr, attrs: &mut Vec<Attribute>) -> Expr {
    if attrs.is_empty() {
        return expr;
    }
    attrs::weaken(attrs);
    if let Some(own) = attrs::attrs_mut(&mut expr) {
        own.splice(0..0, std::mem::take(attrs));
    }
    expr
}

#[cfg(test)]
mod tests;
