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
//! What an attribute cannot see, clippy can: [`adopting`] has the configuration that forbids spawns which nobody owns, and
//! the way there.
//!
//! # What others promise
//!
//! Go's errgroup, Trio, Kotlin, Java, Swift, tokio itself and more have thought of tasks that end together before.
//! [`conformance`] goes through the tests of them, one by one, and says which of ours checks the same, or why rejoin does
//! otherwise.
//!
//! # What it costs
//!
//! [`benchmarks`] has what a task, a call and a cancellation take beside tokio's own and other crates, measured, with the
//! targets that are missed and why.
//!
//! # Features
//!
//! | feature | default | what for |
//! |---|---|---|
//! | `tracing` | yes | reports are events; tasks inherit the span of their spawner |
//! | `main` | | [`#[rejoin::main]`](macro@main): a runtime, signals and the [`shutdown`] |
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

mod cancel;
mod context;
mod detach;
mod edge;
mod error;
mod errors;
mod failure;
mod group;
mod guard;
#[cfg(feature = "main")]
mod lifecycle;
mod limit;
mod live;
mod member;
mod metrics;
mod options;
mod panic;
mod policy;
mod report;
mod request;
#[cfg(feature = "http")]
mod response;
mod root;
mod scope;
mod shield;
mod shown;
mod site;
mod slot;
mod spawn;
mod sync;
#[cfg(feature = "tower")]
pub mod tower;
pub mod tree;
mod watchdog;

#[doc(hidden)]
#[path = "private/mod.rs"]
pub mod __private;

#[doc = include_str!("../docs/adopting.md")]
pub mod adopting {}

#[doc = include_str!("../docs/benchmarks.md")]
#[doc = include_str!("../docs/measured/versus.md")]
#[doc = include_str!("../docs/benchmarks/targets.md")]
#[doc = include_str!("../docs/measured/cost.md")]
#[doc = include_str!("../docs/measured/cost.svg")]
#[doc = include_str!("../docs/benchmarks/cancel.md")]
#[doc = include_str!("../docs/measured/cancel.md")]
#[doc = include_str!("../docs/measured/cancel.svg")]
#[doc = include_str!("../docs/benchmarks/memory.md")]
#[doc = include_str!("../docs/measured/memory.md")]
#[doc = include_str!("../docs/measured/memory.svg")]
#[doc = include_str!("../docs/benchmarks/sizes.md")]
#[doc = include_str!("../docs/measured/sizes.md")]
#[doc = include_str!("../docs/benchmarks/compile.md")]
#[doc = include_str!("../docs/measured/check.md")]
#[doc = include_str!("../docs/benchmarks/depth.md")]
#[doc = include_str!("../docs/measured/depth.md")]
#[doc = include_str!("../docs/benchmarks/build.md")]
#[doc = include_str!("../docs/measured/build.md")]
#[allow(
    clippy::doc_markdown,
    reason = "the tables are as the benches print them"
)]
pub mod benchmarks {}

#[doc = include_str!("../docs/conformance.md")]
#[doc = include_str!("../docs/conformance/go.md")]
#[doc = include_str!("../docs/conformance/conc.md")]
#[doc = include_str!("../docs/conformance/trio.md")]
#[doc = include_str!("../docs/conformance/anyio.md")]
#[doc = include_str!("../docs/conformance/asyncio.md")]
#[doc = include_str!("../docs/conformance/kotlin.md")]
#[doc = include_str!("../docs/conformance/java.md")]
#[doc = include_str!("../docs/conformance/swift.md")]
#[doc = include_str!("../docs/conformance/otp.md")]
#[doc = include_str!("../docs/conformance/tokio.md")]
pub mod conformance {}

#[doc = include_str!("../docs/shutdown.md")]
pub mod shutdown {}

pub use cancel::{CancelCause, Cancelled, DeadlineExceeded, cancelled, deadline, is_cancelled};
pub use detach::detach;
pub use errors::Errors;
pub use group::{Builder, Launch, TaskGroup};
pub use live::{LiveTask, TaskKind};
pub use options::OnFailure;
pub use panic::{
    CATCHES_PANICS, Catch, DeliberateAbort, FromPanic, PanicError, PanicKind, PanicLocation,
    PanicReport, abort_handler, catch, catch_sync, flush_reports, on_panic,
};
pub use policy::{PanicPolicy, ParsePolicyError, set_panic_policy};
#[cfg(feature = "main")]
pub use rejoin_macros::main;
#[cfg(not(feature = "main"))]
#[doc(hidden)]
pub use rejoin_macros::main_without_feature as main;
pub use rejoin_macros::{guarded, must_join, task_group};
pub use root::{Root, root, shutdown_requested};
pub use shield::{Shield, shield, shield_local};
pub use spawn::{spawn, spawn_blocking, spawn_local};
pub use tree::tree;
