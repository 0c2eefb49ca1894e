//! The attributes of [rejoin](https://docs.rs/rejoin). Use them through that crate.

mod args;
mod container;
mod diag;
mod emit;
#[cfg(test)]
mod expand_tests;
mod function;
mod guarded;
mod pass;
mod task_group;

use proc_macro::TokenStream;

/// Handlers and workers.
#[proc_macro_attribute]
pub fn guarded(args: TokenStream, item: TokenStream) -> TokenStream {
    guarded::expand(args.into(), item.into()).into()
}

/// Structured concurrency.
#[proc_macro_attribute]
pub fn task_group(args: TokenStream, item: TokenStream) -> TokenStream {
    task_group::expand(args.into(), item.into()).into()
}
