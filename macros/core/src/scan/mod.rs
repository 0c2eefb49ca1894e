//! Syntax in, facts out: what the names and the calls of a body are.

pub mod file;
pub mod lexer;
mod lookup;
pub mod names;
pub mod reader;
pub mod resolve;
pub mod types;

pub use resolve::{Around, Resolver};
