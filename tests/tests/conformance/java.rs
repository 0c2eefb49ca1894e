//! Java: `StructuredTaskScope`, whose scope is a [`TaskGroup`] or a function under `#[task_group]`, whose fork is a spawn,
//! and whose subtask is a handle.

use std::time::Duration;

use rejoin::TaskGroup;

use super::support::{BoxError, Place};

mod closing;
mod forking;
mod joiners;
mod joining;
mod subtasks;
mod tree;

type Scope = TaskGroup<BoxError>;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Holds its place until it is stopped.
async fn hold(place: Place) {
    let _place = place;
    std::future::pending::<()>().await;
}
