//! The ladder of a group: what cancels it from outside, and the grace after which a cancelled group is aborted.

use std::future::Future;
use std::pin::Pin;
use std::task::Context as Cx;
use std::time::Duration;

use pin_project_lite::pin_project;
use tokio::time::Sleep;
use tokio_util::sync::WaitForCancellationFutureOwned;

use crate::cause::CancelCause;
use crate::options::Options;
use crate::scope::Scope;

/// The ladder of one group; its owner polls it.
pub(super) struct Ladder {
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

impl Ladder {
    /// The ladder of a group with these options, of which it takes the token.
    ///
    /// # Panics
    ///
    /// When a deadline or a grace is given and the runtime has no timer, at the caller's line.
    #[track_caller]
    pub(super) fn new(options: &mut Options) -> Self {
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
        let outside = (deadline.is_some() || token.is_some()).then(|| {
            Box::pin(Outside {
                deadline,
                token: token.map(tokio_util::sync::CancellationToken::cancelled_owned),
            })
        });
        Self {
            outside,
            grace: None,
        }
    }

    /// Whether nothing from outside cancels the group.
    pub(super) const fn is_bare(&self) -> bool {
        self.outside.is_none()
    }

    /// Cancels the group when something outside of it says so.
    pub(super) fn poll_outside(&mut self, scope: &Scope, cx: &mut Cx<'_>) {
        if !scope.is_cancelled()
            && let Some(outside) = &mut self.outside
            && let Some(cause) = outside.as_mut().poll(cx)
        {
            scope.cancel(&cause);
        }
    }

    /// Aborts what remains of a cancelled group after its grace.
    pub(super) fn poll_grace(&mut self, scope: &Scope, cx: &mut Cx<'_>) {
        if !scope.is_cancelled() || scope.is_aborted() {
            return;
        }
        if scope.grace() == Duration::ZERO {
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
}
