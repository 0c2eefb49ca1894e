//! Task groups: the frame behind `#[task_group]`, and the explicit [`TaskGroup`].

mod explicit;
pub(crate) mod frame;
pub mod shape;

pub use explicit::{Builder, Launch, TaskGroup};
