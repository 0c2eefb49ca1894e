//! `catch` and `catch_sync`: a panic as a value, without macros.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use crate::ambient;
use crate::panic::{PanicError, frame};

/// Runs a future; a panic in it is reported and becomes an error.
///
/// After a panic the future is dropped at once, where it is; a destructor that panics then is
/// reported as well, and contained.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let answer = rejoin::catch(async { 6 * 7 }).await;
/// assert_eq!(answer.unwrap(), 42);
///
/// let panic = rejoin::catch(async { panic!("out of paper") }).await.unwrap_err();
/// assert_eq!(panic.message(), "out of paper");
/// # }
/// ```
///
/// What the future shared with the rest of the program (behind `&mut`, a lock, a cell) stays as the
/// panic left it, perhaps half-changed; a `std::sync::Mutex` says so by being poisoned, tokio's
/// does not. No `UnwindSafe` is asked for: if such state outlives the panic, check it or throw it
/// away.
///
/// # Cancel safety
///
/// Dropping it drops the future, like any wrapper. A destructor that panics in that drop is not
/// caught here.
///
/// # Panics
///
/// When it is polled again after it has completed.
pub fn catch<F: Future>(future: F) -> Catch<F> {
    ambient::install();
    Catch {
        future: Some(future),
    }
}

/// Calls `f`; a panic in it is reported and becomes an error.
///
/// ```
/// let parsed = rejoin::catch_sync(|| "7".parse::<u32>().unwrap());
/// assert_eq!(parsed.unwrap(), 7);
/// ```
///
/// As with [`catch`], state that `f` shared with others may be left half-changed.
///
/// # Errors
///
/// The panic, if there was one.
#[inline]
pub fn catch_sync<T>(f: impl FnOnce() -> T) -> Result<T, PanicError> {
    ambient::install();
    frame(f)
}

pin_project! {
    /// The future of [`catch`].
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    #[derive(Debug)]
    pub struct Catch<F> {
        #[pin]
        future: Option<F>,
    }
}

impl<F: Future> Future for Catch<F> {
    type Output = Result<F::Output, PanicError>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut slot = self.project().future;
        let Some(future) = slot.as_mut().as_pin_mut() else {
            polled_again()
        };
        let output = match frame(|| future.poll(cx)) {
            Ok(poll) => Ok(ready!(poll)),
            Err(panic) => Err(panic),
        };
        // Of two panics, the first is the one to return; both have been reported.
        let dropped = frame(|| slot.set(None));
        Poll::Ready(output.and_then(|value| dropped.map(|()| value)))
    }
}

#[cold]
#[track_caller]
fn polled_again() -> ! {
    panic!("the future of `rejoin::catch` was polled after it had completed")
}
