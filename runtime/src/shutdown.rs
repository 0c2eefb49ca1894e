//! The request to shut down: whether there is one, and why.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio_util::sync::CancellationToken;

use crate::sync::Global;

/// Why the process shuts down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
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

fn token() -> &'static CancellationToken {
    static SHUTDOWN: Global<CancellationToken> = Global::new();
    SHUTDOWN.get_or_init(CancellationToken::new)
}

/// What the first request was made for.
static REASON: Global<Reason> = Global::new();

/// Whether the process has failed, be it while it was shutting down for another reason.
static FAILED: AtomicBool = AtomicBool::new(false);

/// Asks the process to shut down. The first reason stands, but a failure is never forgotten.
pub(crate) fn request(reason: Reason) {
    if reason == Reason::Failed {
        FAILED.store(true, Ordering::Release);
    }
    REASON.get_or_init(|| reason);
    token().cancel();
}

/// Whether somebody has asked the process to shut down.
pub(crate) fn is_requested() -> bool {
    token().is_cancelled()
}

/// Why a shutdown was requested, if it was.
#[cfg(feature = "main")]
pub(crate) fn reason() -> Option<Reason> {
    REASON.get().copied()
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
/// [`request_shutdown`](crate::Root::request_shutdown) is. The page [`shutdown`](crate::docs::shutdown) shows it with axum and tonic.
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
    token().cancelled().await;
}
