//! Cancelling a scope: the token first, then the abort.

use crate::sync::Arc;
use crate::sync::atomic::Ordering;

use super::tasks::discard;
use super::{ABORTED, CANCELLED, Scope};
use crate::cause::CancelCause;

impl Scope {
    /// Cancels the scope and, except for shields, every scope inside it. Gives `false` if it was cancelled already.
    ///
    /// Iterative: a chain of ten thousand groups must not need ten thousand stack frames.
    pub(crate) fn cancel(&self, cause: &CancelCause) -> bool {
        let Some(mut below) = self.cancel_one(cause) else {
            return false;
        };
        while let Some(scope) = below.pop() {
            if !scope.shielded
                && let Some(more) = scope.cancel_one(cause)
            {
                below.extend(more);
            }
        }
        true
    }

    fn cancel_one(&self, cause: &CancelCause) -> Option<Vec<Arc<Scope>>> {
        let mut inner = self.lock();
        if self.is_cancelled() {
            return None;
        }
        self.state.store(CANCELLED, Ordering::Release);
        inner.cause = Some(cause.clone());
        inner.cancelled.start();
        let token = inner.token.clone();
        let children = inner.registry.children();
        drop(inner);
        if let Some(token) = token {
            token.cancel();
        }
        self.count.wake();
        if self.grace.is_zero() {
            self.abort();
        }
        Some(children)
    }

    /// Aborts every task of the scope at its next await, and from now on each one that is spawned.
    pub(crate) fn abort(&self) {
        let mut inner = self.lock();
        self.state.store(ABORTED, Ordering::Release);
        let tasks = inner.registry.begin_abort();
        let detached = inner.registry.detached.clone();
        drop(inner);
        for entry in tasks.iter() {
            if detached.is_empty() || !detached.contains(&entry.id()) {
                entry.abort();
            }
        }
        let mut inner = self.lock();
        inner.registry.end_abort(tasks);
        let ended = inner.registry.sweep();
        self.publish(inner.registry.tasks.len());
        drop(inner);
        discard(ended);
    }

    /// Cancels and aborts this scope and every one inside it, shields and detached tasks included.
    pub(crate) fn abort_all(self: &Arc<Self>, cause: &CancelCause) {
        let mut below = vec![Arc::clone(self)];
        while let Some(scope) = below.pop() {
            scope.cancel_one(cause);
            let mut inner = scope.lock();
            inner.registry.detached.clear();
            scope.settle_detached(&inner.registry);
            below.extend(inner.registry.children());
            drop(inner);
            scope.abort();
        }
    }
}
