//! Work that a cancellation does not stop.

use crate::sync::Arc;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context as Cx, Poll};

use pin_project_lite::pin_project;
use tokio::task::JoinHandle;

use crate::ambient::{self, Context, Current};
use crate::scope::Scope;
use crate::site::Site;
use crate::task::spawn::{is_large, spawn_in, spawn_local_in};
use crate::task::tracked::Held;

pin_project! {
    /// A shielded piece of work, to be awaited or dropped: it runs to its end either way.
    #[derive(Debug)]
    pub struct Shield<T> {
        #[pin]
        handle: JoinHandle<T>,
        stage: Stage,
    }
}

/// How far the waiting for a shielded future has come: tokio's handle is not polled after its end.
#[derive(Clone, Copy, Debug)]
enum Stage {
    Waits,
    Taken,
    /// The root was aborted, and the future with it.
    Lost,
}

impl<T> Shield<T> {
    const fn of(handle: JoinHandle<T>) -> Self {
        let stage = Stage::Waits;
        Self { handle, stage }
    }
}

/// Runs a future to its end, even when the caller is cancelled: for cleanup that must not be cut in half.
///
/// It starts at the call. The scope around the caller waits for it; inside it is a scope of its own, not cancelled and
/// without a deadline, also when the caller's is cancelled already, which is where cleanup calls it. Only the end of the
/// grace of [`Root::join`](crate::Root::join) stops it. As in Trio's shielded scopes and Kotlin's `NonCancellable`.
///
/// After that end a task of rejoin's that awaits the shield is being aborted itself, and waits until it is. Anything else
/// that awaits it, such as the body of `main`, would wait for ever, so it panics.
///
/// # Panics
///
/// Outside a tokio runtime, at the caller's line. The future that is returned panics with the payload of a panic of the
/// shielded one; when the shielded one was aborted and no task of rejoin's awaits it; and when it is polled after its end.
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
    let (context, site) = (scope.context(), scope.site);
    let owner = Current::task(&context);
    Shield::of(if is_large::<F>() {
        spawn_in(owner, site, Box::pin(future), Held)
    } else {
        spawn_in(owner, site, future, Held)
    })
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
    let (context, site) = (scope.context(), scope.site);
    let owner = Current::task(&context);
    Shield::of(if is_large::<F>() {
        spawn_local_in(owner, site, Box::pin(future), Held)
    } else {
        spawn_local_in(owner, site, future, Held)
    })
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
        let scope = ambient::open_shielded(site);
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
        let this = self.project();
        let error = match *this.stage {
            Stage::Waits => match std::task::ready!(this.handle.poll(cx)) {
                Ok(output) => {
                    *this.stage = Stage::Taken;
                    return Poll::Ready(output);
                }
                Err(error) => error,
            },
            Stage::Taken => panic!("a shield was polled after it had ended"),
            // The task that awaits it is dropped at this await.
            Stage::Lost => return Poll::Pending,
        };
        *this.stage = Stage::Taken;
        match error.try_into_panic() {
            Ok(payload) => std::panic::resume_unwind(payload),
            Err(_) if !Scope::root().is_aborted() => {
                panic!("the runtime of a shielded future was shut down")
            }
            Err(_) if ambient::is_aborted_task() => {
                *this.stage = Stage::Lost;
                Poll::Pending
            }
            Err(_) => panic!("a shielded future was aborted with the root, whose grace was over"),
        }
    }
}
