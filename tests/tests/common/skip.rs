//! Tests of programs that are no part of stable Rust.

use std::env;
use std::io::{Write as _, stderr};

/// Reports that these tests are skipped, and why. Panics where the variable is `1`: `.ci/run` sets it.
pub(crate) fn skip(tests: &str, reason: &str, variable: &str) {
    assert!(
        env::var_os(variable).is_none_or(|value| value != "1"),
        "{variable}=1, but {reason}"
    );
    // The harness captures `eprintln!` and drops the output of a test that passes; it does not capture the stream.
    let _ = writeln!(
        stderr(),
        "SKIPPED {tests}: {reason}; {variable}=1 makes that a failure"
    );
}
