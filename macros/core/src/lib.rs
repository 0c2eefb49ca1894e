//! What the attributes of [rejoin](https://docs.rs/rejoin) expand to, as an ordinary library: the entries of `rejoin-macros`,
//! its tests, its fuzz target and its benches call it.
//!
//! Not for users: anything here may change in any release.
#![allow(
    missing_docs,
    clippy::missing_errors_doc,
    clippy::missing_panics_doc,
    clippy::must_use_candidate,
    clippy::return_self_not_must_use,
    rustdoc::private_intra_doc_links,
    reason = "internal to `rejoin-macros`"
)]
#![allow(
    clippy::implicit_hasher,
    clippy::single_match_else,
    reason = "internal to `rejoin-macros`, and two arms read better as a `match`"
)]

extern crate proc_macro;

pub mod diagnostics;
pub mod emit;
pub mod expand;
pub mod input;
pub mod item;
pub mod leak;
pub mod options;
pub mod scan;
pub mod spans;
pub mod stack;

use proc_macro2::TokenStream;
use stack::Kind;

/// Expands `#[guarded(args)] item`.
pub fn guarded(args: TokenStream, item: TokenStream) -> TokenStream {
    expand::expand(Kind::Guarded, args, item)
}

/// Expands `#[task_group(args)] item`.
pub fn task_group(args: TokenStream, item: TokenStream) -> TokenStream {
    expand::expand(Kind::TaskGroup, args, item)
}

/// Expands `#[must_join(args)] item`.
pub fn must_join(args: TokenStream, item: TokenStream) -> TokenStream {
    expand::expand(Kind::MustJoin, args, item)
}

/// Expands `#[rejoin::main(args)] item`.
pub fn main(args: TokenStream, item: TokenStream) -> TokenStream {
    expand::expand(Kind::Main, args, item)
}

/// What `#[rejoin::main]` is without the feature that it needs.
pub fn main_without_feature(item: TokenStream) -> TokenStream {
    expand::without_feature(item)
}
