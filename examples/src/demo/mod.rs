//! The demo: what a client sees of a service *without* and *with* the attributes.

pub mod downstream;
pub mod error;
pub mod log;
pub mod report;
pub mod scenario;
pub mod service;
pub mod shop;
mod with;
mod without;

/// The handlers as written, for comparing the two.
pub const WITHOUT: &str = include_str!("without.rs");
/// The same handlers with the attributes.
pub const WITH: &str = include_str!("with.rs");
