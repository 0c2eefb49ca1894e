//! Which calls are spawns, and which drop their argument.

use syn::{
    AngleBracketedGenericArguments, Block, Expr, ExprCall, ExprMethodCall, Path, PathArguments,
    Stmt, UnOp,
};

use super::sites::{Callee, Disposition, Kind, Site, ends};
use super::{Scan, macros, plain};

/// A spawn that was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// By its path.
    Path(Kind),
    /// By a method; which of its arguments is the spawned one.
    Method(Kind, usize),
}

impl Found {
    fn kind(self) -> Kind {
        match self {
            Self::Path(kind) | Self::Method(kind, _) => kind,
        }
    }
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

/// The path of a callee.
pub(super) fn callee(call: &ExprCall) -> Option<&Path> {
    match peel(&call.func) {
        Expr::Path(path) if path.qself.is_none() => Some(&path.path),
        _ => None,
    }
}

/// The generic arguments of the last segment; `None` when others have some.
fn generics_of(path: &Path) -> Option<Option<&AngleBracketedGenericArguments>> {
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

/// What a full path starts.
pub(super) fn kind_of(path: &[String]) -> Option<Kind> {
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    Some(match *path {
        ["tokio", "spawn"] | ["tokio", "task", "spawn"] | ["rejoin", "spawn"] => Kind::Task,
        ["tokio", "task", "spawn_local"] | ["rejoin", "spawn_local"] => Kind::Local,
        ["tokio", "task", "spawn_blocking"] | ["rejoin", "spawn_blocking"] => Kind::Blocking,
        ["std", "thread", "spawn"] => Kind::Thread,
        _ => return None,
    })
}

/// Whether a full path is that of a function which makes the handle of the runtime that runs the caller.
pub(super) fn is_current_handle(path: &[String]) -> bool {
    path == ["tokio", "runtime", "Handle", "current"]
}

impl Scan<'_> {
    /// What an expression starts, if it is a spawn.
    pub(super) fn spawn(&self, expr: &Expr) -> Option<Found> {
        match expr {
            Expr::Call(call) if call.args.len() == 1 => {
                let path = callee(call)?;
                generics_of(path)?;
                kind_of(&self.resolver.resolve(path)?).map(Found::Path)
            }
            Expr::MethodCall(call) => {
                let method = call.method.to_string();
                let kind = match &*method {
                    "spawn" | "spawn_on" => Kind::Task,
                    "spawn_local" | "spawn_local_on" => Kind::Local,
                    "spawn_blocking" | "spawn_blocking_on" => Kind::Blocking,
                    _ => return None,
                };
                let count = if method.ends_with("_on") { 2 } else { 1 };
                if call.args.len() != count {
                    return None;
                }
                if count == 1 && kind != Kind::Local && self.is_current(&call.receiver) {
                    return Some(Found::Path(kind));
                }
                let argument = peel(call.args.first()?);
                let fits = if kind.is_call() {
                    may_be_call(argument)
                } else {
                    may_be_future(argument)
                };
                (fits && is_place(&call.receiver)).then_some(Found::Method(kind, 0))
            }
            _ => None,
        }
    }

    /// `Handle::current()`
    fn is_current(&self, receiver: &Expr) -> bool {
        let Expr::Call(call) = peel(receiver) else {
            return false;
        };
        call.args.is_empty()
            && callee(call).is_some_and(|path| {
                matches!(generics_of(path), Some(None))
                    && self
                        .resolver
                        .resolve(path)
                        .is_some_and(|path| is_current_handle(&path))
            })
    }

    /// Whether a call drops its argument, or forgets it: nothing can observe it either way.
    pub(super) fn is_drop(&self, call: &ExprCall) -> bool {
        call.args.len() == 1
            && callee(call).is_some_and(|path| {
                self.resolver.resolve(path).is_some_and(|path| {
                    path == ["std", "mem", "drop"] || path == ["std", "mem", "forget"]
                })
            })
    }

    /// Whether each value that an expression can have is a spawn by its path, so that `()` can stand for all of them.
    pub(super) fn is_unit(&self, expr: &Expr) -> bool {
        self.units(expr) == Units::Spawn
    }

    fn units(&self, expr: &Expr) -> Units {
        match expr {
            Expr::Paren(inner) => self.units(&inner.expr),
            Expr::Group(inner) => self.units(&inner.expr),
            Expr::Block(inner) if inner.label.is_none() => self.units_of_block(&inner.block),
            Expr::Unsafe(inner) => self.units_of_block(&inner.block),
            Expr::If(first) => {
                let (mut next, mut units) = (first, Units::Nothing);
                loop {
                    units = units.and(self.units_of_block(&next.then_branch));
                    match next.else_branch.as_ref().map(|(_, otherwise)| &**otherwise) {
                        _ if units == Units::Other => return units,
                        Some(Expr::If(branch)) => next = branch,
                        Some(otherwise) => return units.and(self.units(otherwise)),
                        None => return Units::Other,
                    }
                }
            }
            Expr::Match(inner) => inner
                .arms
                .iter()
                .map(|arm| self.units(&arm.body))
                .fold(Units::Nothing, Units::and),
            Expr::Return(_) | Expr::Break(_) | Expr::Continue(_) => Units::Nothing,
            Expr::Macro(inner) if diverges(&inner.mac) => Units::Nothing,
            expr => match self.spawn(expr) {
                Some(Found::Path(_)) => Units::Spawn,
                _ => Units::Other,
            },
        }
    }

    fn units_of_block(&self, block: &Block) -> Units {
        let declares = block
            .stmts
            .iter()
            .any(|stmt| matches!(stmt, Stmt::Item(_) | Stmt::Local(_)));
        match block.stmts.last() {
            Some(Stmt::Expr(expr, None)) => match self.units(expr) {
                // What the block declares could make this another name.
                Units::Spawn if declares => Units::Other,
                units => units,
            },
            Some(Stmt::Macro(stmt)) if stmt.semi_token.is_none() && !diverges(&stmt.mac) => {
                Units::Other
            }
            _ => Units::Nothing,
        }
    }

    /// Takes a spawn apart; its argument is still to be read.
    pub(super) fn take(&self, expr: Expr, found: Found, disposition: Disposition) -> Option<Site> {
        let kind = found.kind();
        let is_handle = match (&expr, found) {
            (Expr::MethodCall(call), Found::Method(..)) => {
                self.resolver.type_of(&call.receiver).is_some()
            }
            _ => true,
        };
        let (attrs, callee, span, argument) = match (expr, found) {
            (Expr::Call(call), _) => {
                let path = callee(&call)?.clone();
                let generics = generics_of(&path)?.cloned();
                let span = ends(&path);
                let callee = Callee::Path {
                    imported: importable(path, false),
                    generics,
                };
                (call.attrs, callee, span, call.args.into_iter().next()?)
            }
            (Expr::MethodCall(call), Found::Path(_)) => {
                let Expr::Call(receiver) = peel(&call.receiver) else {
                    return None;
                };
                let path = callee(receiver)?.clone();
                let span = (ends(&path).0, call.method.span());
                let argument = call.args.into_iter().next()?;
                let callee = Callee::Path {
                    imported: importable(path, true),
                    generics: call.turbofish,
                };
                (call.attrs, callee, span, argument)
            }
            (Expr::MethodCall(mut call), Found::Method(_, place)) => {
                let attrs = std::mem::take(&mut call.attrs);
                let argument = std::mem::replace(&mut call.args[place], super::sites::nothing());
                let span = (call.method.span(), call.method.span());
                (attrs, Callee::Method(Box::new(call)), span, argument)
            }
            _ => return None,
        };
        Some(Site {
            kind,
            callee,
            attrs,
            plain: plain::is_plain(&argument, kind),
            argument,
            span,
            disposition,
            unused: None,
            is_handle,
            captured: self.captured,
            cfgs: self.cfgs.clone(),
        })
    }
}

/// What an expression in a place that discards its value consists of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Units {
    /// Every arm that yields a value is a spawn by its path, and there is one.
    Spawn,
    /// It yields no value: it leaves, or ends with a statement.
    Nothing,
    Other,
}

impl Units {
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Other, _) | (_, Self::Other) => Self::Other,
            (Self::Nothing, Self::Nothing) => Self::Nothing,
            _ => Self::Spawn,
        }
    }
}

fn diverges(mac: &syn::Macro) -> bool {
    mac.path.segments.last().is_some_and(|last| {
        macros::find(&last.ident).is_some_and(|known| {
            known.effect == macros::Effect::Diverges && known.input != macros::Input::Opaque
        })
    })
}

/// The path of a callee as a `use` can name it; `None` where it begins with a crate.
fn importable(mut path: Path, by_handle: bool) -> Option<Path> {
    let first = path.segments.first()?;
    let is_crate = path.segments.len() > 1
        && ["tokio", "std", "core", "rejoin"]
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

/// The path of `drop` as a `use` can name it; `None` for the one of the prelude.
pub(super) fn imported(path: Path) -> Option<Path> {
    if path.is_ident("drop") {
        return None;
    }
    importable(path, false)
}

/// Whether a receiver is a path or a chain of fields, perhaps behind `&` or `*`: no call is made twice.
fn is_place(expr: &Expr) -> bool {
    match expr {
        Expr::Path(path) => path.qself.is_none() && path.attrs.is_empty(),
        Expr::Field(field) => field.attrs.is_empty() && is_place(&field.base),
        Expr::Group(group) => is_place(&group.expr),
        Expr::Paren(paren) => paren.attrs.is_empty() && is_place(&paren.expr),
        Expr::Reference(reference) => reference.attrs.is_empty() && is_place(&reference.expr),
        Expr::Unary(unary) => {
            unary.attrs.is_empty() && matches!(unary.op, UnOp::Deref(_)) && is_place(&unary.expr)
        }
        _ => false,
    }
}

/// Whether an argument may be a future. One that an attribute has wrapped already is not looked at again.
fn may_be_future(expr: &Expr) -> bool {
    match expr {
        Expr::MethodCall(call) => !is_wrapped(call),
        Expr::Array(_)
        | Expr::Assign(_)
        | Expr::Binary(_)
        | Expr::Cast(_)
        | Expr::Closure(_)
        | Expr::Lit(_)
        | Expr::Range(_)
        | Expr::RawAddr(_)
        | Expr::Reference(_)
        | Expr::Repeat(_)
        | Expr::Tuple(_) => false,
        _ => true,
    }
}

/// Whether an argument may be a closure without parameters.
fn may_be_call(expr: &Expr) -> bool {
    match expr {
        Expr::Closure(closure) => closure.inputs.is_empty(),
        Expr::MethodCall(call) => !is_wrapped(call),
        Expr::Path(_) | Expr::Call(_) | Expr::Block(_) | Expr::Field(_) => true,
        _ => false,
    }
}

fn is_wrapped(call: &ExprMethodCall) -> bool {
    call.method.to_string().starts_with("__rejoin_")
}
