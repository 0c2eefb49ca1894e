//! The types of values, where the syntax alone shows them.
//!
//! Only types and functions under their own names are resolved, as a name that is resolved may read a file: a handle whose type
//! was imported under another name is not seen.

use syn::{Expr, ExprCall, ExprMethodCall, GenericArgument, Pat, Path, PathArguments, Type};

use super::resolve::Resolver;

/// A type whose methods spawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// `tokio::runtime::Handle`
    Handle,
    /// `tokio::runtime::Runtime`
    Runtime,
}

/// A value, or a `Result` or an `Option` of one.
#[derive(Clone, Copy)]
enum Value {
    Plain(Known),
    Fallible(Known),
}

impl Value {
    fn plain(self) -> Option<Known> {
        match self {
            Self::Plain(known) => Some(known),
            Self::Fallible(_) => None,
        }
    }

    fn unwrapped(self) -> Option<Self> {
        match self {
            Self::Plain(_) => None,
            Self::Fallible(known) => Some(Self::Plain(known)),
        }
    }
}

impl Resolver {
    /// The type of the local or the parameter that this name means here.
    pub fn type_of_local(&self, name: &str) -> Option<Known> {
        self.local(name)?.known
    }

    /// The type of a value or of what it refers to: of a local, or of what makes a handle or a runtime.
    pub fn type_of(&self, expr: &Expr) -> Option<Known> {
        self.value(expr)?.plain()
    }

    /// Binds a pattern as [`bind`](Self::bind) does, to a value: as in `let`, in `if let`, and in the arms of a `match`.
    pub fn bind_value(&mut self, pat: &Pat, value: &Expr) {
        let value = self.value(value);
        let (pat, known) = match (pat, value) {
            (Pat::Type(typed), _) => (&*typed.pat, self.type_known(&typed.ty)),
            (pat, Some(value)) => (pat, bound(pat, value)),
            (pat, None) => (pat, None),
        };
        self.bind_known(pat, known);
    }

    fn value(&self, expr: &Expr) -> Option<Value> {
        match expr {
            Expr::Paren(expr) => self.value(&expr.expr),
            Expr::Group(expr) => self.value(&expr.expr),
            Expr::Reference(expr) => self.value(&expr.expr),
            Expr::Try(expr) => self.value(&expr.expr)?.unwrapped(),
            Expr::Path(path) => {
                let name = path.path.get_ident().filter(|_| path.qself.is_none())?;
                self.type_of_local(&super::names::text(name))
                    .map(Value::Plain)
            }
            Expr::Call(call) => self.call(call),
            Expr::MethodCall(call) => self.method(call),
            _ => None,
        }
    }

    /// A name is resolved last: that may read a file.
    fn call(&self, call: &ExprCall) -> Option<Value> {
        let path = associated(&call.func)?;
        let [.., owner, function] = &*path.segments.iter().collect::<Vec<_>>() else {
            return None;
        };
        let function = function.ident.to_string();
        let (value, full): (_, &[&str]) = match (&*owner.ident.to_string(), &*function) {
            ("Handle", "current") => (Value::Plain(Known::Handle), HANDLE),
            ("Handle", "try_current") => (Value::Fallible(Known::Handle), HANDLE),
            ("Runtime", "new") => (Value::Fallible(Known::Runtime), RUNTIME),
            (owner @ ("Arc" | "Rc" | "Box"), "new")
            | (owner @ ("Arc" | "Rc" | "Clone"), "clone") => {
                let [arg] = &*call.args.iter().collect::<Vec<_>>() else {
                    return None;
                };
                let full = POINTERS.iter().find(|full| full.last() == Some(&owner))?;
                (Value::Plain(self.type_of(arg)?), full)
            }
            _ => return None,
        };
        let resolved = self.resolve(path)?;
        let (_, resolved) = resolved.split_last()?;
        (resolved == full).then_some(value)
    }

    fn method(&self, call: &ExprMethodCall) -> Option<Value> {
        match (&*call.method.to_string(), call.args.len()) {
            ("unwrap", 0) | ("expect", 1) => self.value(&call.receiver)?.unwrapped(),
            ("clone" | "to_owned", 0) => self.value(&call.receiver),
            ("handle", 0) => {
                let is_runtime = self.type_of(&call.receiver) == Some(Known::Runtime);
                is_runtime.then_some(Value::Plain(Known::Handle))
            }
            ("build", 0) => {
                let is_builder = self.is_builder(&call.receiver);
                is_builder.then_some(Value::Fallible(Known::Runtime))
            }
            _ => None,
        }
    }

    /// Whether an expression is a chain of calls that begins with `tokio::runtime::Builder::new_…()`.
    fn is_builder(&self, mut expr: &Expr) -> bool {
        while let Expr::MethodCall(call) = expr {
            expr = &call.receiver;
        }
        let Expr::Call(call) = expr else { return false };
        associated(&call.func)
            .filter(|path| path.segments.iter().any(|it| it.ident == "Builder"))
            .and_then(|path| self.resolve(path))
            .is_some_and(|full| match &*full {
                [owner @ .., new] => owner == BUILDER && new.starts_with("new_"),
                [] => false,
            })
    }

    /// The type that a type is or refers to.
    pub(super) fn type_known(&self, ty: &Type) -> Option<Known> {
        match ty {
            Type::Reference(ty) => self.type_known(&ty.elem),
            Type::Paren(ty) => self.type_known(&ty.elem),
            Type::Group(ty) => self.type_known(&ty.elem),
            Type::Path(ty) if ty.qself.is_none() => {
                let last = ty.path.segments.last()?;
                let (known, full): (_, &[&str]) = match &*last.ident.to_string() {
                    "Handle" => (Known::Handle, HANDLE),
                    "Runtime" => (Known::Runtime, RUNTIME),
                    name @ ("Arc" | "Rc" | "Box") => {
                        let PathArguments::AngleBracketed(args) = &last.arguments else {
                            return None;
                        };
                        let GenericArgument::Type(ty) = args.args.first()? else {
                            return None;
                        };
                        let full = POINTERS.iter().find(|full| full.last() == Some(&name))?;
                        (self.type_known(ty)?, full)
                    }
                    _ => return None,
                };
                (self.resolve_type(&ty.path)? == full).then_some(known)
            }
            _ => None,
        }
    }
}

const HANDLE: &[&str] = &["tokio", "runtime", "Handle"];
const RUNTIME: &[&str] = &["tokio", "runtime", "Runtime"];
const BUILDER: &[&str] = &["tokio", "runtime", "Builder"];
const POINTERS: &[&[&str]] = &[
    &["std", "boxed", "Box"],
    &["std", "clone", "Clone"],
    &["std", "rc", "Rc"],
    &["std", "sync", "Arc"],
];

/// The path of a function that is called.
fn associated(callee: &Expr) -> Option<&Path> {
    match callee {
        Expr::Path(path) if path.qself.is_none() => Some(&path.path),
        Expr::Paren(callee) => associated(&callee.expr),
        Expr::Group(callee) => associated(&callee.expr),
        _ => None,
    }
}

/// The type of the names in a pattern for a value.
fn bound(pat: &Pat, value: Value) -> Option<Known> {
    match pat {
        Pat::Ident(pat) if pat.subpat.is_none() => value.plain(),
        Pat::Paren(pat) => bound(&pat.pat, value),
        Pat::Reference(pat) => bound(&pat.pat, value),
        Pat::TupleStruct(pat) if pat.elems.len() == 1 => {
            let last = pat.path.segments.last()?;
            let opens = last.ident == "Ok" || last.ident == "Some";
            bound(pat.elems.first()?, value.unwrapped().filter(|_| opens)?)
        }
        _ => None,
    }
}
