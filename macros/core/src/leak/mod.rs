//! Definite-join analysis: every handle joined on every path.
//!
//! [`build`] turns a body into a control-flow graph ([`cfg`](mod@cfg)) of events on handles, [`solve`] runs a dataflow analysis
//! over it, and [`report`] turns the result into errors.

pub mod build;
pub mod cfg;
mod messages;
pub mod report;
mod solve;

pub use report::escapes;
