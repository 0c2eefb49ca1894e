//! Which calls are spawns.

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::{AngleBracketedGenericArguments, Attribute, Expr, ExprCall, Path, PathArguments};

use super::imports::Names;
use super::plain;

/// What is started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Task,
    Local,
    Blocking,
    Thread,
}

/// A recognised spawn, taken apart.
pub struct Call {
    pub kind: Kind,
    pub attrs: Vec<Attribute>,
    pub generics: Option<AngleBracketedGenericArguments>,
    pub argument: Expr,
    /// Where the callee begins.
    pub span: Span,
    /// A literal without an output.
    pub plain: bool,
    /// The callee without generic arguments, where an import may have brought it in; of `Handle::current()` the type.
    pub imported: Option<Path>,
}

/// The expression in the parentheses and the invisible groups around it.
pub fn peel(mut expr: &Expr) -> &Expr {
    loop {
        expr = match expr {
            Expr::Group(group) => &group.expr,
            Expr::Paren(paren) if paren.attrs.is_empty() => &paren.expr,
            _ => return expr,
        }
    }
}

/// What a full path starts, if it is one of those that are known.
pub fn kind_of(path: &[String]) -> Option<Kind> {
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    Some(match *path {
        ["tokio", "spawn"] | ["tokio", "task", "spawn"] | ["rejoin", "spawn"] => Kind::Task,
        ["tokio", "task", "spawn_local"] | ["rejoin", "spawn_local"] => Kind::Local,
        ["tokio", "task", "spawn_blocking"] | ["rejoin", "spawn_blocking"] => Kind::Blocking,
        ["std", "thread", "spawn"] => Kind::Thread,
        _ => return None,
    })
}

/// The generic arguments of the last segment; `None` when others have some.
pub fn generics_of(path: &Path) -> Option<Option<&AngleBracketedGenericArguments>> {
    let (last, front) = {
        let mut segments: Vec<_> = path.segments.iter().collect();
        (segments.pop()?, segments)
    };
    if front.iter().any(|segment| !segment.arguments.is_none()) {
        return None;
    }
    match &last.arguments {
        PathArguments::None => Some(None),
        PathArguments::AngleBracketed(generics) => Some(Some(generics)),
        PathArguments::Parenthesized(_) => None,
    }
}

fn callee(call: &ExprCall) -> Option<&Path> {
    match peel(&call.func) {
        Expr::Path(path) if path.qself.is_none() => Some(&path.path),
        _ => None,
    }
}

/// What the expression starts, if it is a spawn for certain.
pub fn recognise(expr: &Expr, names: &Names) -> Option<Kind> {
    match expr {
        Expr::Call(call) if call.args.len() == 1 => {
            let path = callee(call)?;
            generics_of(path)?;
            kind_of(&names.resolve(path)?)
        }
        Expr::MethodCall(call) if call.args.len() == 1 => {
            let kind = if call.method == "spawn" {
                Kind::Task
            } else if call.method == "spawn_blocking" {
                Kind::Blocking
            } else {
                return None;
            };
            let Expr::Call(receiver) = peel(&call.receiver) else {
                return None;
            };
            if !receiver.args.is_empty() {
                return None;
            }
            let path = callee(receiver)?;
            generics_of(path)?.is_none().then_some(())?;
            let full = names.resolve(path)?;
            (full == ["tokio", "runtime", "Handle", "current"]).then_some(kind)
        }
        _ => None,
    }
}

/// Takes a recognised spawn apart.
pub fn take(expr: Expr, kind: Kind) -> Option<Call> {
    let by_handle = matches!(expr, Expr::MethodCall(_));
    let (attrs, path, generics, argument) = match expr {
        Expr::Call(call) => {
            let path = callee(&call)?.clone();
            let generics = generics_of(&path)?.cloned();
            (call.attrs, path, generics, call.args.into_iter().next()?)
        }
        Expr::MethodCall(call) => {
            let Expr::Call(receiver) = peel(&call.receiver) else {
                return None;
            };
            let path = callee(receiver)?.clone();
            let argument = call.args.into_iter().next()?;
            (call.attrs, path, call.turbofish, argument)
        }
        _ => return None,
    };
    Some(Call {
        kind,
        attrs,
        generics,
        plain: plain::is_plain(&argument, kind),
        argument,
        span: first_span(&path),
        imported: without_generics(path, by_handle),
    })
}

/// The path of a callee as an import can name it; `None` where it begins with a crate.
fn without_generics(mut path: Path, by_handle: bool) -> Option<Path> {
    let first = path.segments.first()?;
    let is_crate = path.segments.len() > 1
        && ["tokio", "std", "rejoin"]
            .iter()
            .any(|name| first.ident == name);
    if is_crate || path.leading_colon.is_some() {
        return None;
    }
    if by_handle {
        path.segments.pop();
        path.segments.pop_punct();
    }
    if let Some(last) = path.segments.last_mut() {
        last.arguments = PathArguments::None;
    }
    Some(path)
}

fn first_span(path: &Path) -> Span {
    path.leading_colon
        .map(|colon| colon.spans[0])
        .or_else(|| path.segments.first().map(|first| first.ident.span()))
        .unwrap_or_else(|| path.span())
}

/// Whether `drop(…)` is the one of the standard library; its argument, if so.
pub fn is_drop(expr: &Expr, names: &Names) -> bool {
    let Expr::Call(call) = expr else { return false };
    let Some(path) = callee(call) else {
        return false;
    };
    call.args.len() == 1
        && matches!(generics_of(path), Some(None))
        && if path.is_ident("drop") && names.is_prelude("drop") {
            true
        } else {
            names.resolve(path).is_some_and(|full| {
                full == ["std", "mem", "drop"] || full == ["core", "mem", "drop"]
            })
        }
}
