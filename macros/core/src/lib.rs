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
    reason = "internal to `rejoin-macros`"
)]

extern crate proc_macro;

pub mod args;
pub mod container;
pub mod depth;
pub mod diag;
pub mod emit;
pub mod function;
pub mod guarded;
pub mod leak;
pub mod main_attr;
pub mod must_join;
pub mod pass;
pub mod task_group;

pub use guarded::expand as guarded;
pub use main_attr::{expand as main, expand_without_feature as main_without_feature};
pub use must_join::expand as must_join;
pub use task_group::expand as task_group;
