//! Calls of functions.

use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Expr, ExprCall, Path};

use super::known::{COLLECTIONS, is_in};
use super::values::{Held, Value};
use super::{Loss, Shape, Walk};
use crate::pass::calls::{self, peel};

impl Walk<'_> {
    pub(super) fn call(&mut self, expr: &Expr, call: &ExprCall) -> Value {
        if let Some(kind) = self.recognised(expr) {
            call.args.iter().for_each(|arg| {
                self.used(arg);
            });
            let (start, end) = ends_of(&call.func);
            let spawn = self.spawn(start, end, Some(kind));
            return self.create(&Shape::Handle, &spawn);
        }
        if let Some(loss) = self.losing(expr, call) {
            for arg in &call.args {
                let value = self.value(arg);
                self.discard(value, loss, call.func.span());
            }
            return Value::None;
        }
        let Expr::Path(callee) = peel(&call.func) else {
            self.used(&call.func);
            return self.unknown(call);
        };
        let path = &callee.path;
        if self.local(path).is_some() {
            self.used(&call.func);
            return self.unknown(call);
        }
        if call.args.len() == 2 && self.is_timeout(path) {
            return self.timeout(&call.args[0], &call.args[1]);
        }
        if wraps(path) {
            let mut args: Vec<_> = call.args.iter().map(|arg| self.value(arg)).collect();
            if let (Some(value), true) = (args.pop(), args.is_empty()) {
                return self.wrapped(value, path);
            }
            self.consume_all(args);
            return Value::None;
        }
        let resolved = self.names.resolve(path);
        if let Some(made) = self.tracked.call(path, resolved.as_deref()) {
            self.unknown(call);
            let (start, end) = ends_of(&call.func);
            let spawn = self.spawn(start, end, None);
            return self.made(made, spawn);
        }
        let value = self.unknown(call);
        if diverges(path) {
            self.dead();
        }
        if makes_collection(path) {
            return Value::Collection;
        }
        value
    }

    /// The arguments are evaluated in order, and then they are the callee's.
    fn unknown(&mut self, call: &ExprCall) -> Value {
        let args: Vec<_> = call.args.iter().map(|arg| self.value(arg)).collect();
        self.consume_all(args);
        Value::None
    }

    /// `drop(…)` and `mem::forget(…)`.
    fn losing(&mut self, expr: &Expr, call: &ExprCall) -> Option<Loss> {
        if calls::is_drop(expr, self.names) {
            return Some(Loss::Dropped);
        }
        let Expr::Path(callee) = peel(&call.func) else {
            return None;
        };
        let text: Vec<_> = callee
            .path
            .segments
            .iter()
            .map(|segment| segment.ident.unraw().to_string())
            .collect();
        let text: Vec<&str> = text.iter().map(String::as_str).collect();
        let is = |full: &[String]| match full {
            [std, mem, name] if (std == "std" || std == "core") && mem == "mem" => match &**name {
                "drop" => Some(Loss::Dropped),
                "forget" => Some(Loss::Forgotten),
                _ => None,
            },
            _ => None,
        };
        // `mem` is imported at the head of the file, where the macro does not see it.
        match *text {
            ["mem", "drop"] if call.args.len() == 1 => Some(Loss::Dropped),
            ["mem", "forget"] if call.args.len() == 1 => Some(Loss::Forgotten),
            _ => self
                .names
                .resolve(&callee.path)
                .and_then(|full| is(&full))
                .filter(|_| call.args.len() == 1),
        }
    }

    /// Whether a path is tokio's `timeout` or `timeout_at`, however it was imported.
    fn is_timeout(&self, path: &Path) -> bool {
        let Some(last) = path.segments.last() else {
            return false;
        };
        let last = last.ident.unraw().to_string();
        if last != "timeout" && last != "timeout_at" {
            return false;
        }
        match self.names.resolve(path) {
            Some(full) => full.iter().any(|segment| segment == "time"),
            None => path.segments.len() == 1 && self.names.is_prelude(&last),
        }
    }

    /// A handle given to `timeout` is dropped when the time is up; one that is lent has completed when it is not.
    fn timeout(&mut self, time: &Expr, future: &Expr) -> Value {
        self.used(time);
        match self.value(future) {
            Value::Handles(held) if !held.lazy && !held.perhaps => {
                self.lose(held, Loss::Timeout, future.span());
                Value::None
            }
            Value::Ref(var, true) => {
                self.lend(var);
                Value::WhenOk(vec![var])
            }
            value => {
                self.consume(value);
                Value::None
            }
        }
    }

    fn wrapped(&mut self, value: Value, path: &Path) -> Value {
        let value = self.gather(value);
        let owned = path
            .segments
            .iter()
            .any(|segment| is_in(&segment.ident, COLLECTIONS));
        match value {
            Value::Handles(held) if !held.lazy || owned => Value::Handles(Held {
                owned: held.owned || owned,
                optional: held.optional || is_some(path),
                lazy: false,
                ..held
            }),
            value @ Value::Ref(..) => value,
            value => {
                self.consume(value);
                Value::None
            }
        }
    }
}

/// Functions that give what they are given: `Some`, `Ok`, `Box::new`, `Vec::from`.
fn wraps(path: &Path) -> bool {
    let text: Vec<_> = path
        .segments
        .iter()
        .map(|segment| segment.ident.unraw().to_string())
        .collect();
    let text: Vec<&str> = text.iter().map(String::as_str).collect();
    match *text {
        [.., "Some" | "Ok" | "Ready"] | [.., "Box", "new" | "pin"] => true,
        [.., collection, "from" | "from_iter"] => COLLECTIONS.contains(&collection),
        _ => false,
    }
}

/// `Vec::new()` and its like.
fn makes_collection(path: &Path) -> bool {
    let mut segments = path.segments.iter().rev();
    let last = segments.next().map(|last| last.ident.unraw().to_string());
    matches!(last.as_deref(), Some("new" | "with_capacity" | "default"))
        && segments
            .next()
            .is_some_and(|ty| is_in(&ty.ident, COLLECTIONS))
}

fn is_some(path: &Path) -> bool {
    path.segments
        .last()
        .is_some_and(|last| last.ident == "Some")
}

/// Functions that never come back.
fn diverges(path: &Path) -> bool {
    let text: Vec<_> = path
        .segments
        .iter()
        .map(|segment| segment.ident.unraw().to_string())
        .collect();
    let text: Vec<&str> = text.iter().map(String::as_str).collect();
    matches!(
        *text,
        [.., "process", "exit" | "abort"]
            | [.., "panic", "panic_any" | "resume_unwind"]
            | [.., "hint", "unreachable_unchecked"]
    )
}

/// The first and the last token of a callee, without generic arguments.
pub fn ends_of(callee: &Expr) -> (Span, Span) {
    match peel(callee) {
        Expr::Path(path) => {
            let start = path.path.leading_colon.map(|colon| colon.spans[0]);
            let segments = &path.path.segments;
            let first = segments.first().map(|first| first.ident.span());
            let last = segments.last().map(|last| last.ident.span());
            let start = start.or(first).unwrap_or_else(|| callee.span());
            (start, last.unwrap_or(start))
        }
        other => (other.span(), other.span()),
    }
}
