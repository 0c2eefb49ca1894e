//! Definite-join analysis: every handle joined on every path.

pub mod build;
pub mod cfg;
pub mod messages;
pub mod report;
pub mod solve;
