//! Any tokens under any attribute, with any arguments: `cargo +nightly fuzz run expand -- -timeout=10`.
//!
//! What holds of them is said in `macros/src/hostile/mod.rs`.

#![no_main]
#![allow(dead_code)]

extern crate proc_macro;

#[path = "../../macros/src/args.rs"]
mod args;
#[path = "../../macros/src/container.rs"]
mod container;
#[path = "../../macros/src/depth.rs"]
mod depth;
#[path = "../../macros/src/diag.rs"]
mod diag;
#[path = "../../macros/src/emit/mod.rs"]
mod emit;
#[path = "../../macros/src/function.rs"]
mod function;
#[path = "../../macros/src/guarded.rs"]
mod guarded;
#[path = "../../macros/src/hostile/mod.rs"]
mod hostile;
#[path = "../../macros/src/main_attr.rs"]
mod main_attr;
#[path = "../../macros/src/must_join/mod.rs"]
mod must_join;
#[path = "../../macros/src/pass/mod.rs"]
mod pass;
#[path = "../../macros/src/task_group.rs"]
mod task_group;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let case = hostile::Case::of(bytes);
    if let Err(fault) = case.judge() {
        panic!("{fault}\n{case}");
    }
    // The text of everything that was parsed is kept for its spans.
    proc_macro2::extra::invalidate_current_thread_spans();
});
