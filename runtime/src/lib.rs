//! Structured, panic-safe concurrency for tokio.

mod cancel;
mod context;
mod detach;
mod edge;
mod errors;
mod failure;
mod group;
mod guard;
mod limit;
mod live;
mod options;
mod panic;
mod raised;
mod report;
mod root;
mod scope;
mod shield;
mod site;
mod spawn;
mod watchdog;

#[doc(hidden)]
#[path = "private/mod.rs"]
pub mod __private;

pub use cancel::{CancelCause, Cancelled, DeadlineExceeded, cancelled, deadline, is_cancelled};
pub use detach::detach;
pub use errors::Errors;
pub use group::{Builder, Launch, TaskGroup};
pub use live::{LiveTask, TaskKind};
pub use options::OnFailure;
pub use panic::{CATCHES_PANICS, Catch, FromPanic, PanicError, PanicLocation, catch, catch_sync};
pub use root::{Root, root, shutdown_requested};
pub use shield::{Shield, shield, shield_local};
pub use spawn::{spawn, spawn_blocking, spawn_local};
