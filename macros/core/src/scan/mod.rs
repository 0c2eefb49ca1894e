//! Syntax in, facts out: what the names and the calls of a body are.
#![allow(clippy::must_use_candidate, reason = "internal to `rejoin-macros`")]

pub mod file;
pub mod lexer;
mod lookup;
pub mod names;
mod prelude;
pub mod reader;
pub mod resolve;
pub mod types;
mod uses;

pub use resolve::{Around, Resolver};
