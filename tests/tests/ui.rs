//! What the compiler says: each file under `ui` shows one fault, or a form that must compile without a warning.
//!
//! The messages are pinned to the toolchain of CI; `TRYBUILD=overwrite cargo test -p rejoin-tests --test ui` writes
//! them anew, to be read aloud before they are committed.

/// No file that must pass is among these, so that one run of the compiler checks them all.
#[test]
fn messages() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("ui/*/fail/*.rs");
    cases.compile_fail("ui/must_join/fail/*/*.rs");
}

/// What `#[must_join]` accepts is too much for a program each: `must_join_accepted` compiles it as one.
#[test]
fn forms() {
    let cases = trybuild::TestCases::new();
    cases.pass("ui/guarded/pass/*.rs");
    cases.pass("ui/main/pass/*.rs");
    cases.pass("ui/task_group/pass/*.rs");
}
