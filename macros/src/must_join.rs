//! `#[must_join]`: every handle joined on every path.

use proc_macro2::Span;
use syn::ImplItemFn;

use crate::pass::imports::Names;

/// What the analysis is told beside the body.
#[derive(Default)]
pub(crate) struct Options {
    /// Whether a group joins what is discarded.
    pub(crate) group: bool,
}

/// A spawn whose handle is lost on some path.
#[derive(Debug)]
pub(crate) struct Leak {
    /// Where the callee begins.
    pub(crate) spawn: Span,
    /// What leaks it; `None` where that is the spawn itself.
    pub(crate) exit: Option<Span>,
    /// What is said at the spawn.
    pub(crate) message: String,
    /// What is said at the exit.
    pub(crate) exit_message: Option<String>,
}

/// The leaks of one function, in the order of their spawns, each spawn at most once.
pub(crate) fn check(function: &ImplItemFn, names: &mut Names, options: &Options) -> Vec<Leak> {
    let _ = (function, names, options);
    Vec::new()
}

/// The leaks of a function in text, without options.
#[cfg(test)]
pub(crate) fn leaks_of(source: &str) -> Vec<Leak> {
    let function: ImplItemFn = syn::parse_str(source).expect("a function");
    let mut names = Names::new(None, []);
    check(&function, &mut names, &Options::default())
}
