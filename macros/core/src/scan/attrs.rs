//! Attributes of statements.

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::{Attribute, Expr, Ident, Meta, Stmt};

use super::discard::has_name;
use crate::spans::located;

/// The conditions among attributes.
pub fn cfgs(attrs: &[Attribute]) -> Vec<Attribute> {
    attrs
        .iter()
        .filter(|attr| attr.path().is_ident("cfg"))
        .cloned()
        .collect()
}

/// The conditions under which a statement exists.
pub fn cfgs_of(stmt: &Stmt) -> Vec<Attribute> {
    match stmt {
        Stmt::Local(local) => cfgs(&local.attrs),
        Stmt::Macro(stmt) => cfgs(&stmt.attrs),
        Stmt::Expr(expr, _) => cfgs(attrs_of(expr)),
        Stmt::Item(_) => Vec::new(),
    }
}

/// The attributes of a statement are found at its leftmost expression.
pub fn attrs_of(expr: &Expr) -> &[Attribute] {
    match expr {
        Expr::Assign(e) => attrs_of(&e.left),
        Expr::Async(e) => &e.attrs,
        Expr::Await(e) if e.attrs.is_empty() => attrs_of(&e.base),
        Expr::Await(e) => &e.attrs,
        Expr::Binary(e) => attrs_of(&e.left),
        Expr::Block(e) => &e.attrs,
        Expr::Break(e) => &e.attrs,
        Expr::Call(e) if e.attrs.is_empty() => attrs_of(&e.func),
        Expr::Call(e) => &e.attrs,
        Expr::Closure(e) => &e.attrs,
        Expr::Continue(e) => &e.attrs,
        Expr::Field(e) => attrs_of(&e.base),
        Expr::ForLoop(e) => &e.attrs,
        Expr::If(e) => &e.attrs,
        Expr::Infer(e) => &e.attrs,
        Expr::Loop(e) => &e.attrs,
        Expr::Macro(e) => &e.attrs,
        Expr::Match(e) => &e.attrs,
        Expr::MethodCall(e) if e.attrs.is_empty() => attrs_of(&e.receiver),
        Expr::MethodCall(e) => &e.attrs,
        Expr::Paren(e) => &e.attrs,
        Expr::Path(e) => &e.attrs,
        Expr::Return(e) => &e.attrs,
        Expr::Struct(e) => &e.attrs,
        Expr::Try(e) if e.attrs.is_empty() => attrs_of(&e.expr),
        Expr::Try(e) => &e.attrs,
        Expr::Tuple(e) => &e.attrs,
        Expr::Unary(e) => &e.attrs,
        Expr::Unsafe(e) => &e.attrs,
        Expr::While(e) => &e.attrs,
        _ => &[],
    }
}

/// The attributes before an expression that is a spawn, or consists of spawns.
pub fn attrs_mut(expr: &mut Expr) -> Option<&mut Vec<Attribute>> {
    match expr {
        Expr::Macro(e) => Some(&mut e.attrs),
        Expr::Paren(e) => Some(&mut e.attrs),
        Expr::Group(e) => attrs_mut(&mut e.expr),
        Expr::Block(e) => Some(&mut e.attrs),
        Expr::Unsafe(e) => Some(&mut e.attrs),
        Expr::If(e) => Some(&mut e.attrs),
        Expr::Match(e) => Some(&mut e.attrs),
        _ => None,
    }
}

/// Weakens an `#[expect]` to an `#[allow]`: of a lint about a statement that an expansion has changed.
pub fn weaken(attrs: &mut [Attribute]) {
    for attr in attrs {
        if let Meta::List(list) = &mut attr.meta
            && list.path.is_ident("expect")
        {
            let span = list.path.span();
            list.path = Ident::new("allow", span).into();
        }
    }
}

/// Lets an expectation of a function be unfulfilled, where it is of a lint of clippy's: those look at how the function is
/// written, which an expansion changes, and rustc's at what it does.
pub fn allow_unfulfilled(attrs: &mut Vec<Attribute>) {
    let clippy = Ident::new("clippy", Span::call_site());
    let at = attrs.iter().find_map(|attr| match &attr.meta {
        Meta::List(list) if list.path.is_ident("expect") => {
            has_name(list.tokens.clone(), &clippy).then(|| list.path.span())
        }
        _ => None,
    });
    if let Some(at) = at {
        let span = located(at);
        attrs.push(syn::parse_quote_spanned!(span=>
            #[allow(unfulfilled_lint_expectations, reason = "of the function as written")]
        ));
    }
}
