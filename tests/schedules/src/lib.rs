//! The files that rejoin is built from, on shuttle's locks, atomics and tasks in the place of std's and tokio's.

// The unit tests of the files run where the files are at home.
#![cfg(not(test))]
#![allow(
    dead_code,
    unused_imports,
    unreachable_pub,
    missing_docs,
    missing_debug_implementations,
    unexpected_cfgs,
    clippy::all,
    clippy::pedantic,
    reason = "the files belong to another crate, and a part of them is used"
)]
#![allow(unsafe_code, reason = "the files that have it say why")]

#[path = "../../../runtime/src/ambient.rs"]
mod ambient;
#[path = "../../../runtime/src/by_site.rs"]
mod by_site;
#[path = "../../../runtime/src/cancel.rs"]
mod cancel;
#[path = "../../../runtime/src/catch.rs"]
mod catch;
#[path = "../../../runtime/src/cause.rs"]
mod cause;
#[path = "../../../runtime/src/error.rs"]
mod error;
#[path = "../../../runtime/src/errors.rs"]
mod errors;
#[path = "../../../runtime/src/escape.rs"]
mod escape;
#[path = "../../../runtime/src/fork.rs"]
mod fork;
#[path = "../../../runtime/src/group/mod.rs"]
mod group;
#[path = "../../../runtime/src/guard.rs"]
mod guard;
#[path = "../../../runtime/src/limit.rs"]
mod limit;
#[path = "../../../runtime/src/live.rs"]
mod live;
#[path = "../../../runtime/src/metrics.rs"]
mod metrics;
#[path = "../../../runtime/src/options.rs"]
mod options;
#[path = "../../../runtime/src/panic/mod.rs"]
mod panic;
#[path = "../../../runtime/src/policy/mod.rs"]
mod policy;
#[path = "../../../runtime/src/process.rs"]
mod process;
#[path = "../../../runtime/src/report.rs"]
mod report;
#[path = "../../../runtime/src/request.rs"]
mod request;
#[path = "../../../runtime/src/root.rs"]
mod root;
#[path = "../../../runtime/src/scope/mod.rs"]
mod scope;
#[path = "../../../runtime/src/shutdown.rs"]
mod shutdown;
#[path = "../../../runtime/src/site.rs"]
mod site;
#[path = "../../../runtime/src/slot.rs"]
mod slot;
#[path = "../../../runtime/src/stderr.rs"]
mod stderr;
#[path = "../../../runtime/src/task/mod.rs"]
mod task;

mod clock;
mod sync;
mod watchdog;

#[path = "../../../runtime/src/tree/mod.rs"]
mod tree;

#[doc(hidden)]
#[path = "../../../runtime/src/private/mod.rs"]
pub mod __private;

pub use cancel::{cancelled, deadline, is_cancelled, remaining};
pub use catch::{Catch, catch, catch_sync};
pub use cause::{CancelCause, Cancelled, DeadlineExceeded};
pub use errors::Errors;
pub use group::{Launch, TaskGroup, TaskGroupBuilder};
pub use live::{LiveTask, TaskKind};
pub use options::OnFailure;
pub use panic::*;
pub use policy::{PanicPolicy, ParsePolicyError};
pub use process::{flush_reports, on_panic, set_panic_policy};
pub use rejoin_macros::{guarded, must_join, task_group};
pub use root::{Root, root};
pub use shutdown::shutdown_requested;
pub use task::detach::detach;
pub use task::shield::{Shield, shield, shield_local};
pub use task::spawn::{spawn, spawn_blocking, spawn_local};

mod run;
pub use run::{check, check_fairly};
