//! A group that is open: its scope, and what may cancel it.

use crate::sync::Arc;
use std::task::Context as Cx;
use std::time::{Duration, Instant};

use super::ladder::Ladder;
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
    ladder: Ladder,
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
    let ladder = Ladder::new(&mut options);
    let scope = ambient::open(group.site(), &options);
    Open {
        context: Some(Arc::new(Context::new(Arc::clone(&scope)))),
        now: Some(scope.opened()),
        scope,
        given: options.deadline,
        ladder,
    }
}

impl Open {
    /// Cancels the group when something outside of it says so.
    pub(super) fn poll_outside(&mut self, cx: &mut Cx<'_>) {
        self.ladder.poll_outside(&self.scope, cx);
    }

    /// After the grace of a cancelled group, what remains is aborted.
    pub(super) fn poll_grace(&mut self, cx: &mut Cx<'_>) {
        self.ladder.poll_grace(&self.scope, cx);
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
