//! The one table of macros whose input is read.
//!
//! The scan looks for spawns in the input of macros of std, tokio and futures alone; the leak analysis knows of some more
//! what they do with a handle that is named in their input. A name counts as that macro where nothing else is imported or
//! declared under it.

/// How the scan reads the input of a macro.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// It looks for no spawns in it.
    Opaque,
    /// Expressions among other tokens.
    Tokens,
    /// Expressions between commas, or one and a count: the elements of the value.
    Elements,
    /// One expression, or several, which are the value.
    Value,
    /// The branches of `select!`.
    Branches,
}

/// What a macro does with the handles in its input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It looks at them.
    Looks,
    /// It looks at them, in a syntax of its own: `tracing` and `log`.
    Logs,
    /// It never comes back.
    Diverges,
    /// It takes them; more is known by its name.
    Takes,
}

/// What is known of a macro.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    pub name: &'static str,
    pub input: Input,
    pub effect: Effect,
    /// Whether it has a value other than `()`.
    pub value: bool,
}

const fn known(name: &'static str, input: Input, effect: Effect, value: bool) -> Known {
    Known {
        name,
        input,
        effect,
        value,
    }
}

#[rustfmt::skip]
const TABLE: &[Known] = {
    use Effect::{Diverges, Logs, Looks, Takes};
    use Input::{Branches, Elements, Opaque, Tokens, Value};
    &[
        known("assert", Tokens, Looks, false),
        known("assert_eq", Tokens, Looks, false),
        known("assert_matches", Opaque, Looks, false),
        known("assert_ne", Tokens, Looks, false),
        known("debug_assert", Tokens, Looks, false),
        known("debug_assert_eq", Tokens, Looks, false),
        known("debug_assert_ne", Tokens, Looks, false),
        known("eprint", Tokens, Looks, false),
        known("eprintln", Tokens, Looks, false),
        known("format", Tokens, Looks, true),
        known("format_args", Tokens, Looks, true),
        known("matches", Tokens, Looks, true),
        known("print", Tokens, Looks, false),
        known("println", Tokens, Looks, false),
        known("write", Tokens, Looks, true),
        known("writeln", Tokens, Looks, true),
        known("panic", Tokens, Diverges, false),
        known("todo", Tokens, Diverges, false),
        known("unimplemented", Tokens, Diverges, false),
        known("unreachable", Tokens, Diverges, false),
        known("abort", Opaque, Diverges, true),
        known("bug", Opaque, Diverges, true),
        known("compile_error", Opaque, Diverges, true),
        known("die", Opaque, Diverges, true),
        known("exit", Opaque, Diverges, true),
        known("fatal", Opaque, Diverges, true),
        known("dbg", Value, Takes, true),
        known("join", Tokens, Takes, true),
        known("pin", Tokens, Takes, true),
        known("poll", Tokens, Takes, true),
        known("ready", Tokens, Takes, true),
        known("select", Branches, Takes, true),
        known("select_biased", Branches, Takes, true),
        known("try_join", Tokens, Takes, true),
        known("vec", Elements, Takes, true),
        known("debug", Opaque, Logs, true),
        known("debug_span", Opaque, Logs, true),
        known("error", Opaque, Logs, true),
        known("error_span", Opaque, Logs, true),
        known("event", Opaque, Logs, true),
        known("info", Opaque, Logs, true),
        known("info_span", Opaque, Logs, true),
        known("log", Opaque, Logs, true),
        known("span", Opaque, Logs, true),
        known("trace", Opaque, Logs, true),
        known("trace_span", Opaque, Logs, true),
        known("warn", Opaque, Logs, true),
        known("warn_span", Opaque, Logs, true),
    ]
};

/// The crates whose macros are read.
pub const CRATES: &[&str] = &["std", "core", "alloc", "tokio", "futures", "futures_util"];

/// What is known of the macros of a name.
pub fn find(name: &proc_macro2::Ident) -> Option<&'static Known> {
    TABLE.iter().find(|known| name == known.name)
}

/// Whether any reader of a body reads the input of macros with this name as syntax.
pub fn is_read(name: &proc_macro2::Ident) -> bool {
    find(name).is_some_and(|known| known.input != Input::Opaque || known.effect == Effect::Logs)
}
