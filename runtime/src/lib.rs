//! Structured, panic-safe concurrency for tokio, by annotation: every task comes home.
//!
//! Put an attribute on a handler, a worker or a fan-out function, and every task that it starts is owned, joined,
//! cancelled and accounted for. Nothing else changes: a rewritten `tokio::spawn(f)` still gives tokio's own
//! `JoinHandle`, and a function keeps its signature.
//!
//! | you write | it means |
//! |---|---|
//! | [`#[guarded]`](macro@guarded) | a panic becomes the function's return value; its background tasks are owned and reported |
//! | [`#[task_group]`](macro@task_group) | the function returns when its body and every task of its group have ended; the first failure cancels the rest |
//! | [`#[must_join]`](macro@must_join) | a handle that is not joined on some path does not compile |
//! | [`#[rejoin::main]`](macro@main) | a signal drains the service, and whoever does not come home is named |
//! | [`TaskGroup`] | the same as `#[task_group]`, held in a variable |
//! | [`root`] | what owns all that no group owns, and drains it at the end |
//!
//! # Who owns a task
//!
//! A task belongs to the innermost scope around its *caller at run time*: the nearest open group, else the [`root`].
//! A scope ends only when all its tasks have. One that is dropped half-way (the client has gone, a `select!` was lost)
//! cancels its tasks in that drop, and every scope around it waits until they have really ended.
//!
//! Scopes are ambient: a thread-local that is set while a task is polled. What starts a task without rejoin, on a raw
//! thread or through another library, starts it outside: it belongs to nobody here, and what it spawns belongs to the root.
//! That holds also where a scope drives the executor of such a task: a raw task of a [`LocalSet`](tokio::task::LocalSet) is
//! outside of the group that calls `run_until`. A future without a task of its own belongs to the code that polls it: a branch
//! of `join!`, a member of a `FuturesUnordered`, a future in the `LocalPool` of `futures`.
//!
//! # Who hears of a failure
//!
//! An `Err` or a panic goes to whoever holds the task's handle. A task whose handle is discarded gives it to its group,
//! which fails with it. A panic is in addition *reported*, once, when and where it happens: as a [`tracing`] event with the
//! target `rejoin`, or as a line on stderr where nobody subscribes, with the task's name, its spawn site and, as
//! `RUST_BACKTRACE` asks, the backtrace. The panic hook that was there before is still called.
//!
//! A program can do more about its panics, for all of them at one place:
//!
//! - [`on_panic`] sets a handler that is given every panic of the process, also of code that nobody annotated.
//! - [`set_panic_policy`], or the environment by `REJOIN_ON_PANIC`, says whether a panic, or too many of them, ends the
//!   process or shuts it down: see [`PanicPolicy`].
//! - [`abort_handler`] ends a handler without an answer, and is no panic.
//!
//! All of this is for programs. A library that annotates itself sets no policy and no handler.
//!
//! # Metrics
//!
//! With the feature `metrics`, the recorder of the facade [`metrics`](https://docs.rs/metrics) is told:
//!
//! | metric | kind | what |
//! |---|---|---|
//! | `rejoin_tasks_spawned_total` | counter | tasks that were spawned |
//! | `rejoin_tasks_alive` | gauge | tasks that have not ended; those that were spawned before the recorder was installed are left out |
//! | `rejoin_panics_total` | counter | panics, each once; its label `task` is the name of the task or function, `none` outside of all, so there are only as many as the source has names |
//! | `rejoin_cancel_seconds` | histogram | seconds from the cancellation of a group until all of its tasks had ended |
//!
//! # A whole workspace
//!
//! What an attribute cannot see, clippy can: [`docs::adopting`] has the configuration that forbids spawns which nobody owns, and
//! the way there.
//!
//! # What others promise
//!
//! Go's errgroup, Trio, Kotlin, Java, Swift, tokio itself and more have thought of tasks that end together before.
//! [`docs::conformance`] goes through the tests of them, one by one, and says which of ours checks the same, or why rejoin does
//! otherwise.
//!
//! # What it costs
//!
//! [`docs::benchmarks`] has what a task, a call and a cancellation take beside tokio's own and other crates, measured, with the
//! targets that are missed and why.
//!
//! # Features
//!
//! | feature | default | what for |
//! |---|---|---|
//! | `tracing` | yes | reports are events; tasks inherit the span of their spawner |
//! | `main` | | [`#[rejoin::main]`](macro@main): a runtime, signals and the [`docs::shutdown`] |
//! | `http` | | [`FromPanic`] and conversions for `http::Response` and `http::StatusCode` |
//! | `tower` | | [`tower::GuardLayer`], a layer around a service that contains, names and times its requests |
//! | `axum` | | handlers that return `impl IntoResponse`; the layer names requests by their route |
//! | `tonic` | | conversions into `tonic::Status` |
//! | `anyhow` | | [`PanicError`]'s `source` sees an `anyhow::Error` that was the payload |
//! | `metrics` | | counts of tasks and panics, and the times of cancellations, for any exporter |
//! | `serde` | | [`tree::Tree`] is `Serialize`, for a log or an endpoint in JSON |
//! | `page` | | [`tree::router`], a page that shows the live tree and follows it |
//! | `require-unwind` | | refuses to compile under `panic = "abort"`, where nothing can be caught |
//!
//! [`tracing`]: https://docs.rs/tracing

// The layers. A module imports from the lines below its own and from no other; `tests/layers.rs` reads this picture and
// checks it.
//
//     private                             what expansions name
//     lifecycle tower response            edges to the world: `#[rejoin::main]`, HTTP services, conversions
//     root tree guard catch process       what a program asks, catches and sets
//     group                               the frame of a group, explicit groups, their ladder and verdict
//     task cancel                         a task as tokio sees it, the ways to spawn one; whether to stop
//     ambient                             which task runs on this thread
//     watchdog                            what keeps a group waiting
//     scope                               who owns, counts, cancels and names
//     clock limit live options slot       timers, permits, descriptions, outputs
//     error errors                        errors of tasks, erased and collected
//     report                              events, lines, handlers
//     metrics policy                      counts; what a panic does to the process
//     panic                               the hook, frames, records, the reporter
//     cause request shutdown stderr       why something stops, and who asked
//     by_site                             values by site, found without a lock
//     site escape sync fork               names, and how they are shown; locks and atomics; a process without its threads
//
// `panic` and `clock` call what is above them through functions that `ambient::install` hands down.
mod ambient;
mod by_site;
mod cancel;
mod catch;
mod cause;
mod clock;
mod error;
mod errors;
mod escape;
mod fork;
mod group;
mod guard;
#[cfg(feature = "main")]
mod lifecycle;
mod limit;
mod live;
mod metrics;
mod options;
mod panic;
mod policy;
mod process;
mod report;
mod request;
#[cfg(feature = "http")]
mod response;
mod root;
mod scope;
mod shutdown;
mod site;
mod slot;
mod stderr;
mod sync;
mod task;
#[cfg(feature = "tower")]
pub mod tower;
pub mod tree;
mod watchdog;

#[doc(hidden)]
#[path = "private/mod.rs"]
pub mod __private;

pub mod docs;

pub use cancel::{cancelled, deadline, is_cancelled, remaining};
pub use catch::{Catch, catch, catch_sync};
pub use cause::{CancelCause, Cancelled, DeadlineExceeded};
pub use errors::Errors;
pub use group::{Launch, TaskGroup, TaskGroupBuilder};
#[cfg(feature = "main")]
pub use lifecycle::keep_until_exit;
pub use live::{LiveTask, TaskKind};
pub use options::OnFailure;
pub use panic::{
    CATCHES_PANICS, DeliberateAbort, FromPanic, PanicError, PanicKind, PanicLocation, PanicReport,
    abort_handler,
};
pub use policy::{PanicPolicy, ParsePolicyError};
pub use process::{flush_reports, on_panic, set_panic_policy};
#[cfg(feature = "main")]
pub use rejoin_macros::main;
#[cfg(not(feature = "main"))]
#[doc(hidden)]
pub use rejoin_macros::main_without_feature as main;
pub use rejoin_macros::{guarded, must_join, task_group};
pub use root::{Root, root};
pub use shutdown::shutdown_requested;
pub use task::detach::detach;
pub use task::shield::{Shield, shield, shield_local};
pub use task::spawn::{spawn, spawn_blocking, spawn_local};
pub use tree::tree;
