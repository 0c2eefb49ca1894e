//! The root: the scope around everything, and how a program drains it.

use std::future::Future;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use tokio::task::JoinHandle;

use crate::ambient;
use crate::cause::CancelCause;
use crate::clock;
use crate::live::LiveTask;
use crate::scope::Scope;
use crate::shutdown::{self, Reason};
use crate::site::Site;
use crate::task::spawn::{is_large, spawn_in};
use crate::task::tracked::Held;

/// How long aborted tasks may take to end before they are given up.
pub(crate) const GIVE_UP: Duration = Duration::from_secs(1);

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
/// A program under [`#[rejoin::main]`](macro@crate::main) drains by itself; one with plain `#[tokio::main]` by hand:
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
    ambient::install();
    Root(())
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
        let (root, site) = (ambient::of_root(), Site::here());
        if is_large::<F>() {
            return spawn_in(root, site, Box::pin(future), Held);
        }
        spawn_in(root, site, future, Held)
    }

    /// Every task of rejoin's that is alive in this process, on whatever runtime, in no particular order.
    #[must_use]
    pub fn live(self) -> Vec<LiveTask> {
        Scope::root().live()
    }

    /// Asks the process to shut down: [`shutdown_requested`](crate::shutdown_requested) resolves. Nothing is cancelled.
    pub fn request_shutdown(self) {
        shutdown::request(Reason::Asked);
    }

    /// Waits until no task of rejoin's is alive, at most so long; returns those that are still alive then.
    ///
    /// Nothing is cancelled and nothing is asked to stop: what goes on goes on, also after the time is up. For tests, and for
    /// programs that want to see their background work done before they go on. [`join`](Self::join) ends the process.
    ///
    /// Call it from code that is no task of rejoin's: it would wait for itself. Needs no timer of tokio's, and takes real time
    /// also where tokio's is paused.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe.
    ///
    /// # Example
    ///
    /// ```
    /// # use std::time::Duration;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// rejoin::spawn(async { /* send the mail */ });
    /// let left = rejoin::root().idle(Duration::from_secs(5)).await;
    /// assert!(left.is_empty());
    ///
    /// let endless = rejoin::spawn(std::future::pending::<()>());
    /// assert_eq!(rejoin::root().idle(Duration::from_millis(10)).await.len(), 1);
    /// assert!(!endless.is_finished());
    /// # }
    /// ```
    pub async fn idle(self, timeout: Duration) -> Vec<LiveTask> {
        if drained(std::future::ready(()), timeout).await {
            return Vec::new();
        }
        Scope::root().live_and_open()
    }

    /// Shuts the process down, for good: waits for every task, and returns those that are still alive in the end.
    ///
    /// It cannot be taken back. [`shutdown_requested`](crate::shutdown_requested) resolves from here on for everybody who asks, and once the grace was
    /// over, whatever is spawned into the root is aborted. To wait for what runs and then go on, there is [`idle`](Self::idle).
    ///
    /// In stages: [`shutdown_requested`](crate::shutdown_requested) resolves; what is in flight has `grace` to end; then everything is cancelled and
    /// aborted, with [`CancelCause::Shutdown`]; one second later what has not ended is given up and returned: blocking
    /// tasks, threads, loops that never await, tasks on a runtime that nobody drives, groups that nobody joins. When all ends
    /// within the grace, nothing is cancelled, and what is spawned later runs.
    ///
    /// Call it from the end of `main`, not from a task of rejoin's: it would wait for itself. Needs no timer of tokio's,
    /// and takes real time also where tokio's is paused.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future ends the waiting; the request to shut down stands.
    pub async fn join(self, grace: Duration) -> Vec<LiveTask> {
        self.request_shutdown();
        let nobody = std::future::ready(());
        if drained(nobody, grace).await {
            // A handle may not have noticed yet that its task has ended, which the scope knows.
            return Vec::new();
        }
        Scope::root().abort_all(&CancelCause::Shutdown);
        let nobody = std::future::ready(());
        if drained(nobody, GIVE_UP).await {
            return Vec::new();
        }
        Scope::root().live_and_open()
    }
}

/// Whether `first` and then every task of the root ends within `time`.
pub(crate) async fn drained(first: impl Future<Output = ()>, time: Duration) -> bool {
    let scope = Scope::root();
    let mut timer = clock::timer(time);
    let mut first = pin!(first);
    let mut ended = false;
    std::future::poll_fn(|cx| {
        // A future is not polled again after its end. While it lives it may spawn, so it comes before the count.
        ended = ended || first.as_mut().poll(cx).is_ready();
        if ended && scope.poll_idle(cx).is_ready() {
            return Poll::Ready(true);
        }
        timer.poll(cx).map(|()| false)
    })
    .await
}
