//! Why a scope is cancelled, and the errors that say so.

use std::fmt;
use std::time::Duration;

use crate::site::Site;

/// Why a scope was cancelled: what [`cancelled`](crate::cancelled) resolves to.
///
/// # Example
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let group = rejoin::TaskGroup::<std::io::Error>::builder()
///     .grace(std::time::Duration::from_secs(1))
///     .open();
/// let child = group.spawn(async { rejoin::cancelled().await });
/// tokio::task::yield_now().await;
/// group.cancel();
/// assert!(matches!(child.await.unwrap(), rejoin::CancelCause::Requested));
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CancelCause {
    /// A task of the group, or its body, failed.
    Failure {
        /// The name of the task that failed.
        task: &'static str,
        /// Where it was spawned.
        spawned_at: &'static std::panic::Location<'static>,
    },
    /// The deadline of the group, or of one around it, has passed.
    Deadline,
    /// The [`CancellationToken`](tokio_util::sync::CancellationToken) that the group is tied to was cancelled.
    Token,
    /// [`TaskGroup::cancel`](crate::TaskGroup::cancel) was called.
    Requested,
    /// The future of the group was dropped before it had ended.
    Dropped,
    /// The process shuts down and the grace of [`Root::join`](crate::Root::join) is over.
    Shutdown,
}

impl CancelCause {
    pub(crate) fn failure(site: &'static Site) -> Self {
        Self::Failure {
            task: site.name(),
            spawned_at: site.location(),
        }
    }
}

impl fmt::Display for CancelCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failure { task, spawned_at } => {
                write!(f, "task `{task}` (spawned at {spawned_at}) failed")
            }
            Self::Deadline => f.write_str("the deadline has passed"),
            Self::Token => f.write_str("its token was cancelled"),
            Self::Requested => f.write_str("its cancellation was requested"),
            Self::Dropped => f.write_str("its future was dropped"),
            Self::Shutdown => f.write_str("the process shuts down"),
        }
    }
}

/// The error of a task group that was cancelled from outside.
///
/// A `#[task_group]` function whose error type has a `From<Cancelled>` returns it; any other is not interrupted
/// by a cancellation from outside: only its tasks are.
///
/// # Example
///
/// ```
/// let error = std::io::Error::from(rejoin::Cancelled::new(rejoin::CancelCause::Token));
/// assert_eq!(error.to_string(), "cancelled: its token was cancelled");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cancelled {
    cause: CancelCause,
}

impl Cancelled {
    /// The error for this cause.
    #[must_use]
    pub const fn new(cause: CancelCause) -> Self {
        Self { cause }
    }

    /// Why the group was cancelled.
    #[must_use]
    pub const fn cause(&self) -> &CancelCause {
        &self.cause
    }
}

impl fmt::Display for Cancelled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cancelled: {}", self.cause)
    }
}

impl std::error::Error for Cancelled {}

impl From<Cancelled> for std::io::Error {
    /// An error of kind [`Interrupted`](std::io::ErrorKind::Interrupted) would invite a retry; this one is of kind
    /// [`Other`](std::io::ErrorKind::Other).
    fn from(cancelled: Cancelled) -> Self {
        Self::other(cancelled)
    }
}

/// The error of a task group whose deadline has passed.
///
/// # Example
///
/// ```
/// use std::time::Duration;
///
/// let error = rejoin::DeadlineExceeded::new(Duration::from_secs(2));
/// assert_eq!(error.to_string(), "the deadline of 2s has passed");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadlineExceeded {
    after: Duration,
}

impl DeadlineExceeded {
    /// The error of a group that was given this long.
    #[must_use]
    pub const fn new(after: Duration) -> Self {
        Self { after }
    }

    /// How long the group was given.
    #[must_use]
    pub const fn after(&self) -> Duration {
        self.after
    }
}

impl fmt::Display for DeadlineExceeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the deadline of {:?} has passed", self.after)
    }
}

impl std::error::Error for DeadlineExceeded {}

impl From<DeadlineExceeded> for std::io::Error {
    fn from(exceeded: DeadlineExceeded) -> Self {
        Self::new(std::io::ErrorKind::TimedOut, exceeded)
    }
}

/// `503 Service Unavailable`, or `504 Gateway Timeout` where a deadline was the cause.
#[cfg(feature = "http")]
impl From<Cancelled> for http::StatusCode {
    fn from(cancelled: Cancelled) -> Self {
        match cancelled.cause {
            CancelCause::Deadline => Self::GATEWAY_TIMEOUT,
            _ => Self::SERVICE_UNAVAILABLE,
        }
    }
}

/// `504 Gateway Timeout`.
#[cfg(feature = "http")]
impl From<DeadlineExceeded> for http::StatusCode {
    fn from(_: DeadlineExceeded) -> Self {
        Self::GATEWAY_TIMEOUT
    }
}

/// `CANCELLED`; `UNAVAILABLE` where the process shuts down, which invites the client to ask another one;
/// `DEADLINE_EXCEEDED` where a deadline was the cause. The message is neutral, as a cause can name tasks and places in the
/// source; it is the [`source`](std::error::Error::source), which stays on the server.
#[cfg(feature = "tonic")]
impl From<Cancelled> for tonic::Status {
    fn from(cancelled: Cancelled) -> Self {
        let mut status = match cancelled.cause {
            CancelCause::Deadline => Self::deadline_exceeded("the deadline has passed"),
            CancelCause::Shutdown => Self::unavailable("shutting down"),
            _ => Self::cancelled("cancelled"),
        };
        status.set_source(std::sync::Arc::new(cancelled));
        status
    }
}

/// `DEADLINE_EXCEEDED`.
#[cfg(feature = "tonic")]
impl From<DeadlineExceeded> for tonic::Status {
    fn from(exceeded: DeadlineExceeded) -> Self {
        let mut status = Self::deadline_exceeded("the deadline has passed");
        status.set_source(std::sync::Arc::new(exceeded));
        status
    }
}
