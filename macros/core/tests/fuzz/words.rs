//! What the Rust of `grow` is made of: first what is usual, in the second half what is odd.

#[rustfmt::skip]
pub(super) const NAMES: &[&str] = &[
    "x", "h", "_h", "f", "spawn", "task", "tokio", "self", "a", "b", "r#type", "r#async", "naïve", "日本", "__value",
    "__REJOIN_GROUP", "drop", "Self", "main", "_", "crate",
];

#[rustfmt::skip]
pub(super) const PATHS: &[&str] = &[
    "f", "tokio::spawn", "::tokio::spawn", "tokio::task::spawn_blocking", "tokio::task::spawn_local",
    "std::thread::spawn", "rejoin::spawn", "spawn", "task::spawn", "tokio::spawn::<_>", "drop", "mem::forget",
    "timeout", "Some", "Box::pin", "Vec::new", "crate::spawn", "tokio::spawn::<F<{ 1 }>, 3>", "<T as A>::spawn",
    "std::mem::drop", "pending", "process::exit", "r#tokio::r#spawn", "a::b::<C<D>>::e", "tokio::spawn::<",
];

#[rustfmt::skip]
pub(super) const MACROS: &[&str] = &[
    "vec", "tokio::select", "select", "join", "try_join", "tokio::pin", "println", "assert_eq", "dbg", "matches",
    "bail", "ensure", "info", "panic", "quote", "stringify", "macro_rules", "unknown",
];

#[rustfmt::skip]
pub(super) const METHODS: &[&str] = &[
    "await", "spawn", "spawn_on", "spawn_blocking", "push", "insert", "extend", "pop", "abort", "is_finished",
    "is_some", "take", "replace", "map", "unwrap", "collect", "iter", "clear", "into_iter", "join", "ok", "len",
    "r#await", "0", "m",
];

#[rustfmt::skip]
pub(super) const LITERALS: &[&str] = &[
    "1", "true", "\"{x} {h:?} {{_h}}\"", "\"\"", "b\"x\"", "c\"x\"", "r#\"{h}\"#", "'c'", "b'c'", "1.5e3", "0x8",
    "8usize", "1_000_f32", "340282366920938463463374607431768211456999", "\"\u{202e}{\u{1f600}\"", "\"{\"",
];

#[rustfmt::skip]
pub(super) const ATTRIBUTES: &[&str] = &[
    "", "#[cfg(a)]", "#[cfg(not(test))]", "#[cfg(test)]", "#[allow(unused)]", "#[expect(unused)]", "/// Docs.\n",
    "#[cfg_attr(a, b)]", "#[test]", "#[tokio::test]", "#[tokio::main]", "#[must_use]", "#[guarded]",
    "#[rejoin::guarded(on_panic = \"abort\")]", "#[task_group]", "#[rejoin::task_group(limit = 2)]", "#[must_join]",
    "#[rejoin::must_join(tracks(f))]", "#[rejoin::main]", "#[instrument]", "#[a = 1]", "#[a[b]{c}]", "#[]", "#![a]",
];

#[rustfmt::skip]
pub(super) const TYPES: &[&str] = &[
    "u8", "()", "!", "JoinHandle<()>", "Vec<JoinHandle<()>>", "(JoinHandle<u8>, Option<tokio::task::JoinHandle<()>>)",
    "Result<(), E>", "Result<&str, E<'_>>", "Result<T, rejoin::Errors<E>>", "impl Future<Output = u8> + Send + '_",
    "Pin<Box<dyn Future<Output = ()> + Send>>", "BoxFuture<'static, Result<(), E>>", "impl IntoResponse", "&'a mut T",
    "_", "Result<impl A, impl B>", "[u8; { tokio::spawn(f); 1 }]", "ty!(u8)", "<T as A<'_>>::B",
    "for<'b> fn(&'b u8) -> &'b u8", "Box<dyn Fn(&u8) -> &u8>", "*const u8", "(impl A)", "dyn A", "const u8", "'a",
    "T:",
];

#[rustfmt::skip]
pub(super) const PATTERNS: &[&str] = &[
    "x", "_", "mut h", "_h", "(a, mut b)", "Some(h)", "None", "Ok(_)", "Err(e)", "ref mut x", "&x", "[a, .., b]",
    "S { x, y: Some(h), .. }", "(.., h)", "1..=3", "a @ Some(_)", "..", "A | B", "m!()", "\"x\"", "x: T", "NAME",
    "box x", "-1", "mut self", "&mut self", "true", "if",
];

#[rustfmt::skip]
pub(super) const OPERATORS: &[&str] = &[
    "+", "=", "==", "&&", "||", "+=", "&", "|", "-", "*", "..", "<", ">>", "..=", "=>", "->", "as", ",", ".", ":",
    "::", "?", "!", "@", "<-",
];

#[rustfmt::skip]
pub(super) const OPTIONS: &[&str] = &[
    "on_panic", "or", "name", "crate", "limit", "deadline", "grace", "warn_after", "on_failure", "token", "tracks",
    "flavor", "worker_threads", "start_paused", "r#crate", "r#limit", "bad", "日本", "self", "_", "1", "",
];

#[rustfmt::skip]
pub(super) const VALUES: &[&str] = &[
    "\"unwind\"", "\"abort\"", "\"recover\"", "\"collect\"", "\"isolate\"", "\"cancel\"", "\"2s\"", "\"1m 30s\"",
    "\"\"", "\"2 parsecs\"", "\"x\"", "8", "0", "0x0", "-1", "8usize", "a::b", "crate::x", "::a", "b\"x\"",
    "\"current_thread\"", "true", "r\"2s\"", "\"99999999999999999999999999999999999s\"", "0_0", "1.5",
];
