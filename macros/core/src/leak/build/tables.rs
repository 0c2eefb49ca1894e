//! Names that the analysis knows: functions, methods, macros and types.

use super::Many;

/// A list of names.
#[derive(Clone, Copy)]
pub(super) struct Names(&'static str);

impl Names {
    pub(super) fn contains(self, name: &str) -> bool {
        self.0.split(' ').any(|known| known == name)
    }

    pub(super) fn has(self, name: &syn::Ident) -> bool {
        self.contains(&name.to_string())
    }
}

/// A function with a meaning of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    Drop,
    Forget,
    /// `mem::replace`
    Replace,
    /// `mem::take`
    Take,
    /// `mem::swap`
    Swap,
    Timeout,
    JoinAll,
    TryJoinAll,
    /// `futures::future::try_join`, `try_join3` …
    TryJoin,
    /// `futures::future::select`
    Select,
    SelectAll,
    SelectOk,
    /// `future::pending`, `process::exit`: control does not come back.
    Never,
}

/// The function with this full path.
pub(super) fn function(path: &[&str]) -> Option<Function> {
    Some(match *path {
        ["std" | "core", "mem", name] => match name {
            "drop" => Function::Drop,
            "forget" => Function::Forget,
            "replace" => Function::Replace,
            "take" => Function::Take,
            "swap" => Function::Swap,
            _ => return None,
        },
        [.., "time", "timeout" | "timeout_at"] => Function::Timeout,
        [.., "futures" | "futures_util" | "future", name] => match name {
            "join_all" => Function::JoinAll,
            "try_join_all" => Function::TryJoinAll,
            "try_join" | "try_join3" | "try_join4" | "try_join5" => Function::TryJoin,
            "select" => Function::Select,
            "select_all" => Function::SelectAll,
            "select_ok" => Function::SelectOk,
            "pending" => Function::Never,
            _ => return None,
        },
        [.., "process", "exit" | "abort"]
        | [.., "panic", "panic_any" | "resume_unwind"]
        | [.., "hint", "unreachable_unchecked"] => Function::Never,
        _ => return None,
    })
}

/// The function with this name alone, or in a module that is imported out of sight: these names are used for nothing else.
pub(super) fn imported_function(path: &[&str]) -> Option<Function> {
    Some(match *path {
        ["mem", name] => return function(&["std", "mem", name]),
        ["timeout" | "timeout_at"] => Function::Timeout,
        ["join_all"] => Function::JoinAll,
        ["try_join_all"] => Function::TryJoinAll,
        ["select_all"] => Function::SelectAll,
        ["select_ok"] => Function::SelectOk,
        ["pending"] => Function::Never,
        _ => return None,
    })
}

/// Methods of handles, `Option`s and collections that take `&self` and do not change whether a handle is joined.
pub(super) const BORROWING: Names = Names(
    "abort abort_handle as_deref as_ref as_slice back borrow capacity contains_key first first_key_value \
    front get id is_empty is_err is_finished is_none is_ok is_some iter keys last last_key_value len reserve \
    retain shrink_to_fit thread values",
);

/// Methods that borrow all items mutably.
pub(super) const LENDING: Names =
    Names("as_deref_mut as_mut as_mut_slice borrow_mut by_ref iter_mut values_mut");

/// Methods that borrow one item mutably.
pub(super) const LENDING_ONE: Names =
    Names("back_mut first_mut front_mut get_mut last_mut peek_mut");

/// Methods that return a reference to what the receiver guards or holds.
pub(super) const GUARDING: Names = Names("as_mut borrow_mut expect get_mut lock unwrap write");

/// Methods that put their arguments into a collection.
pub(super) const PUTTING: Names = Names("add append extend insert push push_back push_front");

/// Methods of the entry of a map, which fill it and return a reference to what is there.
pub(super) const FILLING: Names =
    Names("and_modify or_default or_insert or_insert_with or_insert_with_key");

/// Methods that return their receiver, or a wrapper of it.
pub(super) const PASSING: Names = Names(
    "collect context drain enumerate err expect into_iter into_keys into_values map_err ok ok_or ok_or_else or \
    or_else rev skip take unwrap unwrap_unchecked with_context wrap_err wrap_err_with",
);

/// Methods of futures that return a future of the receiver.
pub(super) const ADAPTING: Names = Names(
    "and_then boxed boxed_local catch_unwind fuse inspect inspect_err inspect_ok into_future map map_err \
    map_ok or_else then",
);

/// Methods among [`PASSING`] that take `self`, so that a closure that calls one owns the receiver.
pub(super) const TAKING: Names =
    Names("expect into_iter into_values map_err ok_or ok_or_else unwrap unwrap_unchecked");

/// Methods that take one item out of a collection and leave the others.
pub(super) const POPPING: Names = Names(
    "next next_back pop pop_back pop_first pop_front pop_last remove select_next_some swap_remove try_next",
);

/// Methods of an iterator or a stream that take some items and drop the others with it.
pub(super) const PICKING: Names = Names("find last max_by_key min_by_key nth");

/// Methods without arguments that return an `Option` or a `Result` on every receiver.
pub(super) const OPTIONAL: Names =
    Names("as_deref as_deref_mut as_mut as_ref err first last ok pop pop_back pop_front take");

/// Methods of an `Option` or an iterator that call a closure with what is in it.
pub(super) const CALLING: Names = Names(
    "and_then filter_map flat_map for_each for_each_concurrent map map_or map_or_else map_while then",
);

/// Methods of an iterator that yield what their closure returns.
pub(super) const MAPPING: Names = Names("filter_map flat_map map map_while scan");

/// Methods of a stream that stop at the first error.
pub(super) const FALLIBLE: Names = Names("try_collect try_for_each try_fold");

/// Methods of a `Result` that keep whether it is `Ok`.
pub(super) const KEEPING_OK: Names = Names(
    "as_ref clone context inspect_err is_ok map map_err ok with_context wrap_err wrap_err_with",
);

/// The kind of a collection, by the name of its type.
pub(super) fn collection(name: &str) -> Option<Many> {
    Some(match name {
        "ArrayVec" | "FuturesOrdered" | "LinkedList" | "SmallVec" | "Vec" | "VecDeque" => {
            Many::List
        }
        "BinaryHeap" | "FuturesUnordered" => Many::Bag,
        "BTreeMap" | "HashMap" | "IndexMap" => Many::Map,
        _ => return None,
    })
}

/// Macros that do not return.
pub(super) const DIVERGING: Names =
    Names("abort bug compile_error die exit fatal panic todo unimplemented unreachable");

/// Macros that borrow their arguments.
pub(super) const LOOKING: Names = Names(
    "assert assert_eq assert_matches assert_ne debug_assert debug_assert_eq debug_assert_ne eprint eprintln \
    format format_args matches print println write writeln",
);

/// Macros of `tracing` and `log`, which have fields in their input.
pub(super) const LOGGING: Names = Names(
    "debug debug_span error error_span event info info_span log span trace trace_span warn warn_span",
);
