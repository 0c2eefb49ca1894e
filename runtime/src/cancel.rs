//! What the scope around the caller says of its end: whether it is cancelled, and how long it has.

use std::time::Duration;

use crate::ambient;
use crate::cause::CancelCause;
use crate::scope::Scope;

/// Resolves when the scope around the caller is cancelled, with the reason.
///
/// The first rung of the ladder: a task that awaits it in a `select!` beside its work can end in good order within
/// the group's `grace`, before it is aborted. It is level-triggered: in a scope that is cancelled already it resolves
/// at once, each time (as `anyio` has it).
///
/// Outside any group the scope is the root, which is cancelled when the process shuts down.
///
/// # Cancel safety
///
/// Cancel safe: nothing is lost when the future is dropped.
///
/// # Example
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// # async fn accept() { std::future::pending().await }
/// # let work = async {
/// loop {
///     tokio::select! {
///         () = accept() => {}
///         cause = rejoin::cancelled() => break println!("ending: {cause}"),
///     }
/// }
/// # }; tokio::select! { () = work => {}, () = tokio::task::yield_now() => {} }
/// # }
/// ```
pub async fn cancelled() -> CancelCause {
    let scope = ambient::scope();
    scope.token().cancelled_owned().await;
    scope.cause().unwrap_or(CancelCause::Requested)
}

/// Whether the scope around the caller is cancelled: for loops that never await.
///
/// # Example
///
/// ```
/// assert!(!rejoin::is_cancelled());
/// ```
#[must_use]
pub fn is_cancelled() -> bool {
    ambient::with(|current| match current {
        Some(current) => current.scope().is_cancelled(),
        None => Scope::root().is_cancelled(),
    })
}

/// When the deadline of the scope around the caller passes; `None` where there is none.
///
/// A group's deadline never extends the one around it, so this is the nearest of them. The instant is tokio's, to be handed
/// to [`timeout_at`](tokio::time::timeout_at); [`remaining`] gives the time until then.
///
/// # Example
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// use std::time::Duration;
///
/// assert_eq!(rejoin::deadline(), None);
///
/// let before = tokio::time::Instant::now();
/// let group = rejoin::TaskGroup::<std::io::Error>::builder()
///     .deadline(Duration::from_secs(2))
///     .open();
/// let deadline = group.spawn(async { rejoin::deadline() }).await.unwrap();
/// assert!(deadline.unwrap() >= before + Duration::from_secs(2));
/// # }
/// ```
#[must_use]
pub fn deadline() -> Option<tokio::time::Instant> {
    ambient::with(|current| current?.scope().deadline())
}

/// How much time is left until the [`deadline`] of the scope around the caller; `None` where there is none.
///
/// Zero when it has passed. For what takes a duration: the timeout of a request to another service, a header that says how
/// long the answer is waited for.
///
/// # Example
///
/// ```
/// assert_eq!(rejoin::remaining(), None);
/// ```
#[must_use]
pub fn remaining() -> Option<Duration> {
    deadline().map(|at| at.saturating_duration_since(tokio::time::Instant::now()))
}
