//! The root: the scope around everything, and how a program drains it.

use crate::sync::Global;
use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::cancel::CancelCause;
use crate::context;
use crate::edge::Held;
use crate::live::LiveTask;
use crate::scope::Scope;
use crate::site::Site;
use crate::spawn::{is_large, spawn_in};
use crate::watchdog;

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
    Scope::root();
    Root(())
}

/// Why the process shuts down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// The program asked.
    Asked,
    /// A signal of this name came.
    #[cfg(feature = "main")]
    Signal(&'static str),
    /// The main function has returned.
    #[cfg(feature = "main")]
    Ended,
    /// The main function has panicked, or a task whose panic is not to be outlived: the process fails.
    Failed,
}

fn shutdown() -> &'static CancellationToken {
    static SHUTDOWN: Global<CancellationToken> = Global::new();
    SHUTDOWN.get_or_init(CancellationToken::new)
}

/// What the first request was made for.
static WHY: Global<Why> = Global::new();

/// Whether the process has failed, be it while it was shutting down for another reason.
static FAILED: AtomicBool = AtomicBool::new(false);

/// Asks the process to shut down. The first reason stands, but a failure is never forgotten.
pub(crate) fn request_shutdown_because(why: Why) {
    if why == Why::Failed {
        FAILED.store(true, Ordering::Release);
    }
    WHY.get_or_init(|| why);
    shutdown().cancel();
}

/// Whether somebody has asked the process to shut down.
pub(crate) fn is_shutdown_requested() -> bool {
    shutdown().is_cancelled()
}

/// Why a shutdown was requested, if it was.
#[cfg(feature = "main")]
pub(crate) fn reason() -> Option<Why> {
    WHY.get().copied()
}

/// Whether the process is to end as one that has failed.
#[cfg(feature = "main")]
pub(crate) fn has_failed() -> bool {
    FAILED.load(Ordering::Acquire)
}

/// Resolves when somebody has asked the process to shut down: for accept loops, which stop taking work then.
///
/// Nothing is cancelled by the request; what is in flight goes on. Under [`#[rejoin::main]`](macro@crate::main) SIGTERM
/// and SIGINT are such requests, and so is the end of the main function; elsewhere
/// [`request_shutdown`](Root::request_shutdown) is. The page [`shutdown`](crate::shutdown) shows it with axum and tonic.
///
/// # Cancel safety
///
/// Cancel safe.
///
/// # Example
///
/// An accept loop that stops taking connections, and leaves those that it has to the root:
///
/// ```
/// # use tokio::net::{TcpListener, TcpStream};
/// # async fn serve(_: TcpStream) {}
/// async fn accept(listener: TcpListener) -> std::io::Result<()> {
///     loop {
///         tokio::select! {
///             connection = listener.accept() => {
///                 let (stream, _) = connection?;
///                 rejoin::spawn(serve(stream));
///             }
///             () = rejoin::shutdown_requested() => return Ok(()),
///         }
///     }
/// }
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// # rejoin::root().request_shutdown();
/// # accept(TcpListener::bind("127.0.0.1:0").await.unwrap()).await.unwrap();
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
        let (root, site) = (context::of_root(), Site::here());
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

    /// Asks the process to shut down: [`shutdown_requested`] resolves. Nothing is cancelled.
    pub fn request_shutdown(self) {
        request_shutdown_because(Why::Asked);
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
    /// It cannot be taken back. [`shutdown_requested`] resolves from here on for everybody who asks, and once the grace was
    /// over, whatever is spawned into the root is aborted. To wait for what runs and then go on, there is [`idle`](Self::idle).
    ///
    /// In stages: [`shutdown_requested`] resolves; what is in flight has `grace` to end; then everything is cancelled and
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
    let mut timer = watchdog::timer(time);
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
