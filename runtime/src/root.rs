//! The root: the scope around everything, and how a program drains it.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::cancel::CancelCause;
use crate::context::{Context, Role};
use crate::edge::Held;
use crate::live::LiveTask;
use crate::scope::Scope;
use crate::site::Site;
use crate::spawn::spawn_in;
use crate::watchdog;

/// How long aborted tasks may take to end before they are given up.
const GIVE_UP: Duration = Duration::from_secs(1);

/// The scope around everything in the process: see [`root`].
#[derive(Clone, Copy, Debug)]
pub struct Root(());

/// The root scope: owner of every task that no group owns, and parent of every group.
///
/// It never fails: a failing task of its own is reported. What was cancelled and has not ended yet is counted here until
/// it has.
///
/// # Example
///
/// A program with plain `#[tokio::main]` drains by hand:
///
/// ```
/// # use std::time::Duration;
/// # async fn serve() { rejoin::spawn(async { /* send the mail */ }); }
/// #[tokio::main]
/// async fn main() {
///     serve().await;
///     for task in rejoin::root().join(Duration::from_secs(25)).await {
///         eprintln!("left behind: {task}");
///     }
/// }
/// ```
#[must_use]
pub fn root() -> Root {
    Scope::root();
    Root(())
}

fn shutdown() -> &'static CancellationToken {
    static SHUTDOWN: std::sync::OnceLock<CancellationToken> = std::sync::OnceLock::new();
    SHUTDOWN.get_or_init(CancellationToken::new)
}

/// Resolves when somebody has asked the process to shut down: for accept loops, which stop taking work then.
///
/// Nothing is cancelled by the request; what is in flight goes on.
///
/// # Cancel safety
///
/// Cancel safe.
///
/// # Example
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// rejoin::root().request_shutdown();
/// rejoin::shutdown_requested().await;
/// # }
/// ```
pub async fn shutdown_requested() {
    shutdown().cancelled().await;
}

impl Root {
    /// Spawns a future as a task of the root, whatever the scope around the caller: it outlives the caller's group, and
    /// the process waits for it when it drains.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime, at the caller's line.
    #[track_caller]
    pub fn spawn<F>(self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let context = Context {
            scope: Arc::clone(Scope::root()),
            role: Role::Body,
        };
        spawn_in(context, Site::here(), future, Held)
    }

    /// Every task of rejoin's that is alive in this process, on whatever runtime, in no particular order.
    #[must_use]
    pub fn live(self) -> Vec<LiveTask> {
        Scope::root().live()
    }

    /// Asks the process to shut down: [`shutdown_requested`] resolves. Nothing is cancelled.
    pub fn request_shutdown(self) {
        shutdown().cancel();
    }

    /// Drains the process: waits for every task; returns those that are still alive in the end.
    ///
    /// In stages: [`shutdown_requested`] resolves; what is in flight has `grace` to end; then everything is cancelled and
    /// aborted, with [`CancelCause::Shutdown`]; one second later what has not ended is given up and returned: blocking
    /// tasks, threads, loops that never await, tasks on a runtime that nobody drives. When all ends within the grace,
    /// nothing is cancelled, and the root goes on as before.
    ///
    /// Call it from the end of `main`, not from a task of rejoin's: it would wait for itself. Needs no timer of tokio's,
    /// and takes real time also where tokio's is paused.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future ends the waiting; the request to shut down stands.
    pub async fn join(self, grace: Duration) -> Vec<LiveTask> {
        self.request_shutdown();
        let scope = Scope::root();
        if drained(scope, grace).await {
            // A handle may not have noticed yet that its task has ended, which the scope knows.
            return Vec::new();
        }
        scope.abort_all(&CancelCause::Shutdown);
        if drained(scope, GIVE_UP).await {
            return Vec::new();
        }
        self.live()
    }
}

/// Whether every task of the root ends within `time`.
async fn drained(scope: &'static Arc<Scope>, time: Duration) -> bool {
    let mut timer = watchdog::timer(time);
    std::future::poll_fn(|cx| {
        if scope.poll_idle(cx).is_ready() {
            return std::task::Poll::Ready(true);
        }
        timer.poll(cx).map(|()| false)
    })
    .await
}
