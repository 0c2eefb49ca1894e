//! What expansions name. Not for users: anything here may change in any release.
#![allow(missing_docs, reason = "nobody but the macros reads this")]

pub mod ask;
pub mod receiver;
mod spawn;

pub use crate::error::ErasedError;
pub use crate::group::frame::{Group, lifted_group, task_group};
pub use crate::group::open::open_group;
pub use crate::group::shape::{
    self, CollectedReturn, TakesDeadline, require_collected, require_deadline,
};
pub use crate::group::takes::{Collected, TakesError};
pub use crate::guard::{Guard, Guarded, guard, guard_returned, guard_sync, weighed, weighing};
pub use crate::options::Options;
pub use crate::policy::PanicPolicy;
pub use crate::site::{GroupId, Site};
pub use crate::slot::{Plain, Route, Slot, plain};
pub use crate::task::tracked::{Held, Tracked};
pub use crate::{
    __collected_body as collected_body, __collecting as collecting, __convert as convert,
    __reported as reported, __shape as shape,
};
pub use receiver::{Probe, first, second, see};
pub use spawn::{
    launch, launch_blocking, launch_blocking_typed, launch_local, launch_local_typed,
    launch_thread, launch_typed, place, spawn, spawn_blocking, spawn_local, spawn_thread,
};

/// For `#[main]`.
#[cfg(feature = "main")]
pub mod service {
    pub use crate::lifecycle::{
        NoTermination, PATIENCE, Service, Terminates, Value, current_thread, multi_thread,
    };
}

/// For handlers that return `impl IntoResponse`.
#[cfg(feature = "axum")]
pub mod axum {
    pub use axum_core::response::{IntoResponse, Response};
}
