//! Any tokens under any attribute, with any arguments: `cargo +nightly fuzz run expand -- -timeout=10`.
//!
//! What holds of them is said in `macros/core/tests/fuzz/case.rs`.

#![no_main]
#![allow(dead_code)]

#[path = "../../macros/core/tests/fuzz/case.rs"]
mod case;
#[path = "../../macros/core/tests/fuzz/choices.rs"]
mod choices;
#[path = "../../macros/core/tests/fuzz/grow.rs"]
mod grow;
#[path = "../../macros/core/tests/fuzz/spoil.rs"]
mod spoil;
#[path = "../../macros/core/tests/fuzz/words.rs"]
mod words;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let case = case::Case::of(bytes);
    if let Err(fault) = case.judge() {
        panic!("{fault}\n{case}");
    }
    // The text of everything that was parsed is kept for its spans.
    proc_macro2::extra::invalidate_current_thread_spans();
});
