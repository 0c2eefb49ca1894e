//! Swift: a discarding task group is a function whose spawns are discarded, an ordinary one holds their handles;
//! `addTaskUnlessCancelled` is `try_spawn`, and a cancellation shield is a shield.

mod discarding;
mod groups;
mod shields;

type Group = rejoin::TaskGroup<super::support::BoxError>;
