//! Giving up a request on purpose: a payload that is no failure.

use std::any::Any;
use std::fmt;
use std::panic;

/// The payload that [`abort_handler`] raises: the marker of an end that was meant.
///
/// A server or a middleware of one's own that catches panics can tell it from them:
///
/// ```
/// use std::panic::{self, catch_unwind};
///
/// let ended = catch_unwind(|| rejoin::abort_handler()).unwrap_err();
/// if !ended.is::<rejoin::DeliberateAbort>() {
///     panic::resume_unwind(ended);
/// }
/// ```
#[non_exhaustive]
pub struct DeliberateAbort;

impl fmt::Debug for DeliberateAbort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeliberateAbort")
    }
}

/// Ends the handler that calls it, and gives its client no answer: as `panic(http.ErrAbortHandler)`
/// does in Go.
///
/// For a handler that cannot go on and must not send a response either, such as a proxy whose
/// upstream broke off half-way: a well-formed answer would look complete. It unwinds, and everything
/// of rejoin's on the way lets it pass: no guard makes a return value of it, no policy counts it, and
/// it is not reported; the panic hook is not called. A server closes the connection, or over HTTP/2
/// resets the stream.
///
/// ```
/// # use std::io;
/// # async fn copy() -> io::Result<Vec<u8>> { Err(io::ErrorKind::UnexpectedEof.into()) }
/// #[rejoin::guarded]
/// async fn download() -> Result<Vec<u8>, rejoin::PanicError> {
///     match copy().await {
///         Ok(body) => Ok(body),
///         // Half of the file is with the client.
///         Err(_) => rejoin::abort_handler(),
///     }
/// }
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// # let ended = tokio::spawn(download()).await.unwrap_err().into_panic();
/// # assert!(ended.is::<rejoin::DeliberateAbort>());
/// # }
/// ```
///
/// In the body of a task group the siblings are cancelled, and it goes on when all have been joined.
/// In a task, it ends the task: that counts as aborted from outside, so it is no failure of a group,
/// and no success. Who holds the handle finds it as the payload of the `JoinError`, and passes it on
/// with [`resume_unwind`](std::panic::resume_unwind).
///
/// # Panics
///
/// Always, in its way. Under `panic = "abort"` it ends the process, since nothing can unwind there.
pub fn abort_handler() -> ! {
    panic::resume_unwind(Box::new(DeliberateAbort))
}

pub(super) fn is_deliberate(payload: &(dyn Any + Send)) -> bool {
    payload.is::<DeliberateAbort>()
}
