//! What the compiler says: each file under `ui` shows one fault, or a form that must compile without a warning.
//!
//! The messages are pinned to the toolchain of CI; `TRYBUILD=overwrite cargo test -p rejoin-tests --test ui` writes
//! them anew, to be read aloud before they are committed.

#[test]
fn messages() {
    let cases = trybuild::TestCases::new();
    cases.pass("ui/*/pass/*.rs");
    cases.compile_fail("ui/*/fail/*.rs");
}
