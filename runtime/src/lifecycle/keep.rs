//! Values that live until the process exits: dropped when nothing of the service is left, the newest first.
//!
//! They are taken out one at a time, and no lock is held while a destructor runs: it may keep another value.

use std::sync::mpsc::channel;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::panic::contain_drop;

static KEPT: Mutex<Vec<Box<dyn Send>>> = Mutex::new(Vec::new());

/// Keeps a value until the service of [`#[rejoin::main]`](macro@crate::main) has ended, and drops it then.
///
/// The locals of a main function are dropped when it returns, *before* its tasks have drained. That is too early for what
/// the drain itself needs: the guard of a log writer, the provider of a telemetry pipeline, a directory for temporary files.
///
/// ```
/// # struct Guard;
/// # impl Drop for Guard { fn drop(&mut self) {} }
/// # fn init_log() -> Guard { Guard } // `tracing_appender::non_blocking(…)` in a real service
/// # #[cfg(not(feature = "main"))] fn main() {}
/// # #[cfg(feature = "main")]
/// #[rejoin::main]
/// async fn main() {
///     rejoin::keep_until_exit(init_log());
///     tokio::spawn(async { /* what it logs while the service drains is written */ });
/// }
/// ```
///
/// Kept values are dropped in the reverse order of keeping, as locals are, when every task has ended or was left behind,
/// the last reports have been made, and the runtime is gone. So keep the guard of a log first of all. A destructor that
/// panics is reported; the others run all the same, and the exit code stays what it was.
///
/// # When it is not dropped
///
/// - A second signal, an abort by a [policy](crate::PanicPolicy) and `std::process::exit` run no destructors.
/// - Where the process exits with tasks left behind, all destructors together have three seconds.
/// - In a process without `#[rejoin::main]` kept values are never dropped, as with a `static`. Keep them in variables of
///   `main` there: it is `main` itself that waits for [`root().join(…)`](crate::Root::join).
pub fn keep_until_exit<T: Send + 'static>(value: T) {
    let value = Box::new(value);
    KEPT.lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(value);
}

fn newest() -> Option<Box<dyn Send>> {
    KEPT.lock().unwrap_or_else(PoisonError::into_inner).pop()
}

/// Drops what is kept. A destructor that panics is reported.
pub(super) fn drop_kept() {
    while let Some(value) = newest() {
        drop(contain_drop(value));
    }
}

/// As [`drop_kept`], and returns after this time although a destructor still runs.
pub(super) fn drop_kept_within(time: Duration) {
    let (done, is_done) = channel();
    let started = thread::Builder::new()
        .name("rejoin-exit".to_owned())
        .spawn(move || {
            drop_kept();
            let _ = done.send(());
        });
    if started.is_ok() {
        let _ = is_done.recv_timeout(time);
    }
}
