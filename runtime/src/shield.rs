//! Work that a cancellation does not stop.

use crate::sync::Arc;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context as Cx, Poll};

use pin_project_lite::pin_project;
use tokio::task::JoinHandle;

use crate::context::{Context, Current};
use crate::edge::Held;
use crate::scope::Scope;
use crate::site::Site;
use crate::spawn::{spawn_in, spawn_local_in};

pin_project! {
    /// A shielded piece of work, to be awaited or dropped: it runs to its end either way.
    #[derive(Debug)]
    pub struct Shield<T> {
        #[pin]
        handle: JoinHandle<T>,
    }
}

/// Runs a future to its end, even when the caller is cancelled: for cleanup that must not be cut in half.
///
/// It starts at the call. The scope around the caller waits for it; inside it is a scope of its own, not cancelled and
/// without a deadline, also when the caller's is cancelled already, which is where cleanup calls it. Only the end of the
/// grace of [`Root::join`](crate::Root::join) stops it. As in Trio's shielded scopes and Kotlin's `NonCancellable`.
///
/// # Panics
///
/// Outside a tokio runtime, at the caller's line. The future that is returned panics with the payload of a panic of the
/// shielded one.
///
/// # Cancel safety
///
/// Dropping what is returned loses only the output.
///
/// # Example
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// # async fn commit() -> u32 { tokio::task::yield_now().await; 7 }
/// let receipt = rejoin::shield(async { commit().await }).await;
/// assert_eq!(receipt, 7);
/// # }
/// ```
#[track_caller]
pub fn shield<F>(future: F) -> Shield<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    let scope = Shielded::open();
    let handle = spawn_in(Current::task(&scope.context()), scope.site, future, Held);
    Shield { handle }
}

/// As [`shield`], for a future that is not `Send`.
///
/// # Panics
///
/// Outside a `LocalSet`, as tokio's `spawn_local` does; otherwise as [`shield`].
///
/// # Cancel safety
///
/// Dropping what is returned loses only the output.
///
/// # Example
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let local = tokio::task::LocalSet::new();
/// let done = local.run_until(async {
///     let log = std::rc::Rc::new("flushed");
///     rejoin::shield_local(async move { *log }).await
/// });
/// assert_eq!(done.await, "flushed");
/// # }
/// ```
#[track_caller]
pub fn shield_local<F>(future: F) -> Shield<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    let scope = Shielded::open();
    let handle = spawn_local_in(Current::task(&scope.context()), scope.site, future, Held);
    Shield { handle }
}

/// The scope of a shield. It has no owner: it ends with its task, also when the spawn panics.
struct Shielded {
    scope: Arc<Scope>,
    site: &'static Site,
}

impl Shielded {
    #[track_caller]
    fn open() -> Self {
        let site = Site::here();
        let scope = Scope::open_shielded(site);
        Self { scope, site }
    }

    fn context(&self) -> Arc<Context> {
        Arc::new(Context::at(Arc::clone(&self.scope), self.site))
    }
}

impl Drop for Shielded {
    fn drop(&mut self) {
        self.scope.close();
    }
}

impl<T> Future for Shield<T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, cx: &mut Cx<'_>) -> Poll<T> {
        match std::task::ready!(self.project().handle.poll(cx)) {
            Ok(output) => Poll::Ready(output),
            Err(error) => match error.try_into_panic() {
                Ok(payload) => std::panic::resume_unwind(payload),
                // The root was aborted, or the runtime is shut down: whoever waits here is being stopped as well.
                Err(_) if Scope::root().is_aborted() => Poll::Pending,
                Err(_) => panic!("the runtime of a shielded future was shut down"),
            },
        }
    }
}
