//! Task groups: the frame behind `#[task_group]`, and the explicit [`TaskGroup`].

mod builder;
mod explicit;
pub(crate) mod frame;
mod ladder;
mod launch;
pub(crate) mod open;
pub mod shape;
pub(crate) mod takes;
mod verdict;

pub use builder::TaskGroupBuilder;
pub use explicit::TaskGroup;
pub use launch::Launch;
