//! What expansions name. Not for users: anything here may change in any release.
#![allow(missing_docs, reason = "nobody but the macros reads this")]

pub mod discard;
pub mod receiver;
mod spawn;

pub use crate::edge::{Edge, Held, Plain, Route};
pub use crate::group::frame::{Group, lifted_group, task_group};
pub use crate::group::open::open_group;
pub use crate::group::shape::{
    self, CollectedReturn, TakesDeadline, require_collected, require_deadline,
};
pub use crate::guard::{Guard, Guarded, guard, guard_returned, guard_sync, weighed, weighing};
pub use crate::limit::place;
pub use crate::options::Options;
pub use crate::policy::PanicPolicy;
pub use crate::raised::{Function, Raised};
pub use crate::site::Site;
pub use crate::{
    __collected_body as collected_body, __collecting as collecting, __discarded as discarded,
    __discarded_call as discarded_call, __discarded_statement as discarded_statement,
    __shape as shape,
};
pub use discard::{Collected, NOWHERE, Reported, Static};
pub use receiver::Receiver;
pub use spawn::{
    launch, launch_blocking, launch_local, launch_thread, spawn, spawn_blocking, spawn_local,
    spawn_thread,
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
