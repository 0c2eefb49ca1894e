//! A group that is open: its scope, and what may cancel it.

use crate::sync::Arc;
use std::future::Future;
use std::pin::Pin;
use std::task::Context as Cx;
use std::time::{Duration, Instant};

use pin_project_lite::pin_project;
use tokio::time::Sleep;
use tokio_util::sync::WaitForCancellationFutureOwned;

use super::shape::Shape;
use crate::ambient::{self, Context};
use crate::cause::CancelCause;
use crate::options::{OnFailure, Options};
use crate::scope::Scope;
use crate::site::GroupId;

/// A group that is open.
pub struct Open {
    pub(super) scope: Arc<Scope>,
    pub(super) context: Option<Arc<Context>>,
    /// When it was opened, for its first poll, which follows at once.
    pub(super) now: Option<Instant>,
    pub(super) given: Option<Duration>,
    outside: Option<Pin<Box<Outside>>>,
    grace: Option<Pin<Box<Sleep>>>,
}

pin_project! {
    /// What may cancel the group from outside; boxed, because few groups have it.
    struct Outside {
        #[pin]
        deadline: Option<Sleep>,
        #[pin]
        token: Option<WaitForCancellationFutureOwned>,
    }
}

impl Outside {
    fn poll(self: Pin<&mut Self>, cx: &mut Cx<'_>) -> Option<CancelCause> {
        let this = self.project();
        if let Some(token) = this.token.as_pin_mut()
            && token.poll(cx).is_ready()
        {
            return Some(CancelCause::Token);
        }
        if let Some(deadline) = this.deadline.as_pin_mut()
            && deadline.poll(cx).is_ready()
        {
            return Some(CancelCause::Deadline);
        }
        None
    }
}

/// Opens a group in the scope around the caller.
///
/// # Panics
///
/// When a deadline or a grace is given and the runtime has no timer, at the caller's line.
#[track_caller]
#[must_use]
pub fn open_group(group: &'static GroupId, mut options: Options) -> Open {
    options.takes = match options.on_failure {
        OnFailure::Isolate => None,
        OnFailure::Cancel | OnFailure::Collect => Some(group),
    };
    if !options.grace.is_zero() {
        // Now, at this line, rather than in the middle of a cancellation.
        drop(tokio::time::sleep(options.grace));
    }
    // Not in a closure: what panics in one does so at a line of its own.
    let mut deadline = None;
    if let Some(after) = options.deadline {
        deadline = Some(tokio::time::sleep(after));
    }
    let token = options.token.take();
    let scope = ambient::open(group.site(), &options);
    let outside = (deadline.is_some() || token.is_some()).then(|| {
        Box::pin(Outside {
            deadline,
            token: token.map(tokio_util::sync::CancellationToken::cancelled_owned),
        })
    });
    Open {
        context: Some(Arc::new(Context::new(Arc::clone(&scope)))),
        now: Some(scope.opened()),
        scope,
        given: options.deadline,
        outside,
        grace: None,
    }
}

impl Open {
    /// Cancels the group when something outside of it says so.
    pub(super) fn poll_outside(&mut self, cx: &mut Cx<'_>) {
        if !self.scope.is_cancelled()
            && let Some(outside) = &mut self.outside
            && let Some(cause) = outside.as_mut().poll(cx)
        {
            self.scope.cancel(&cause);
        }
    }

    /// Climbs the ladder of a cancelled group: after the grace, what remains is aborted.
    pub(super) fn poll_ladder(&mut self, cx: &mut Cx<'_>) {
        let scope = &self.scope;
        if !scope.is_cancelled() || scope.is_aborted() {
            return;
        }
        if scope.grace().is_zero() {
            // Somebody on another thread is about to. No timer: there may be none.
            scope.abort();
            return;
        }
        let grace = self
            .grace
            .get_or_insert_with(|| Box::pin(tokio::time::sleep(scope.grace())));
        if grace.as_mut().poll(cx).is_ready() {
            scope.abort();
        }
    }

    /// Whether the body must not run on: the group has failed, or was cancelled and the function can say so.
    pub(super) fn is_over<O, S: Shape<O>>(&self, shape: &S) -> bool {
        self.scope.is_cancelled()
            && (self.scope.has_failed()
                || self
                    .scope
                    .cause()
                    .is_some_and(|cause| can_say(shape, &cause, self.given)))
    }
}

/// Whether a function of this shape has a word for a cancellation from outside.
fn can_say<O, S: Shape<O>>(shape: &S, cause: &CancelCause, given: Option<Duration>) -> bool {
    shape.cancelled().is_some()
        || (*cause == CancelCause::Deadline && given.is_some() && shape.deadline().is_some())
}
