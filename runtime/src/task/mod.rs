//! A task: what stands between tokio and the future that a user spawned, the ways to spawn one, and what a handle is let go
//! by.

pub(crate) mod detach;
pub(crate) mod member;
pub(crate) mod shield;
pub(crate) mod spawn;
pub(crate) mod tracked;
