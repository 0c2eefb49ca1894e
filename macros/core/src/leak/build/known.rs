//! Names that the analysis knows.

/// Methods of handles, `Option`s and collections that take `&self`, and say or do nothing to the handle that joins it.
pub const BORROWING: &[&str] = &[
    "abort",
    "abort_handle",
    "as_deref",
    "as_ref",
    "as_slice",
    "back",
    "borrow",
    "capacity",
    "contains_key",
    "first",
    "first_key_value",
    "front",
    "get",
    "id",
    "is_empty",
    "is_err",
    "is_finished",
    "is_none",
    "is_ok",
    "is_some",
    "iter",
    "keys",
    "last",
    "last_key_value",
    "len",
    "reserve",
    "retain",
    "shrink_to_fit",
    "thread",
    "values",
];

/// Those that lend it mutably.
pub const LENDING: &[&str] = &[
    "as_deref_mut",
    "as_mut",
    "as_mut_slice",
    "back_mut",
    "borrow_mut",
    "first_mut",
    "front_mut",
    "get_mut",
    "iter_mut",
    "last_mut",
    "values_mut",
];

/// Those that put their arguments into a collection.
pub const PUTTING: &[&str] = &[
    "add",
    "append",
    "extend",
    "insert",
    "push",
    "push_back",
    "push_front",
];

/// Those that give what they take, or a part of it.
pub const PASSING: &[&str] = &[
    "by_ref",
    "collect",
    "drain",
    "enumerate",
    "err",
    "expect",
    "into_iter",
    "into_values",
    "map_err",
    "ok",
    "ok_or",
    "ok_or_else",
    "or",
    "or_else",
    "rev",
    "skip",
    "take",
    "unwrap",
    "unwrap_unchecked",
];

/// Those of them that take `self`, so that a closure that calls one owns what it is called on.
pub const TAKING: &[&str] = &[
    "expect",
    "into_iter",
    "into_values",
    "map_err",
    "ok_or",
    "ok_or_else",
    "unwrap",
    "unwrap_unchecked",
];

/// Those that take one out of a collection; the rest is taken for drained.
pub const POPPING: &[&str] = &[
    "next",
    "next_back",
    "pop",
    "pop_back",
    "pop_first",
    "pop_front",
    "pop_last",
    "remove",
    "swap_remove",
];

/// Those without arguments that give an `Option` or a `Result`, whatever they are called on.
pub const OPTIONAL: &[&str] = &[
    "as_deref",
    "as_deref_mut",
    "as_mut",
    "as_ref",
    "err",
    "first",
    "last",
    "ok",
    "pop",
    "pop_back",
    "pop_front",
    "take",
];

/// Those of iterators that yield what their closure returns.
pub const MAPPING: &[&str] = &["filter_map", "flat_map", "map", "map_while", "scan"];

/// Those of a `Result` that keep whether it is `Ok`.
pub const KEEPING_OK: &[&str] = &[
    "context",
    "inspect_err",
    "is_ok",
    "map",
    "map_err",
    "ok",
    "with_context",
    "wrap_err",
    "wrap_err_with",
];

/// Collections that a body owns when it makes them.
pub const COLLECTIONS: &[&str] = &[
    "ArrayVec",
    "BTreeMap",
    "BinaryHeap",
    "FuturesOrdered",
    "FuturesUnordered",
    "HashMap",
    "IndexMap",
    "LinkedList",
    "SmallVec",
    "Vec",
    "VecDeque",
];

/// Macros that never come back.
pub const DIVERGING: &[&str] = &[
    "abort",
    "bug",
    "compile_error",
    "die",
    "exit",
    "fatal",
    "panic",
    "todo",
    "unimplemented",
    "unreachable",
];

/// Macros that look at their arguments: a name in them is borrowed.
pub const LOOKING: &[&str] = &[
    "assert",
    "assert_eq",
    "assert_matches",
    "assert_ne",
    "debug_assert",
    "debug_assert_eq",
    "debug_assert_ne",
    "eprint",
    "eprintln",
    "format",
    "format_args",
    "matches",
    "print",
    "println",
    "write",
    "writeln",
];

/// Macros of `tracing` and `log`, whose input has a syntax of its own.
pub const LOGGING: &[&str] = &[
    "debug",
    "debug_span",
    "error",
    "error_span",
    "event",
    "info",
    "info_span",
    "log",
    "span",
    "trace",
    "trace_span",
    "warn",
    "warn_span",
];

pub fn is_in(name: &syn::Ident, list: &[&str]) -> bool {
    list.iter().any(|known| name == known)
}
