//! A failure in a scope: which one counts, and what it does to the others.

use super::Scope;
use crate::cancel::CancelCause;
use crate::failure::Failure;
use crate::options::OnFailure;

impl Scope {
    /// A task or the body has failed. The first failure cancels the rest, unless the group isolates or collects.
    pub(crate) fn fail(&self, failure: Failure) {
        let isolated = self.on_failure == OnFailure::Isolate && !failure.from_body;
        let cause = CancelCause::failure(failure.site);
        let mut inner = self.lock();
        let loser = if isolated || inner.closed {
            Some(failure)
        } else if self.on_failure == OnFailure::Collect {
            inner.collected.push(failure);
            None
        } else {
            match inner.best.take() {
                Some(best) if !failure.goes_before(&best) => {
                    inner.best = Some(best);
                    Some(failure)
                }
                other => {
                    inner.best = Some(failure);
                    other
                }
            }
        };
        drop(inner);
        if !isolated && self.on_failure != OnFailure::Collect && !self.cancel(&cause) {
            // Cancelled before, perhaps from outside with a body that runs on: a failure ends that too.
            self.wake_joiner();
        }
        if let Some(loser) = loser {
            loser.report(self);
        }
    }

    /// Whether there may be failures or a cancellation to decide on, without the lock.
    pub(crate) fn is_disturbed(&self) -> bool {
        self.is_cancelled() || self.on_failure == OnFailure::Collect
    }

    pub(crate) fn has_failed(&self) -> bool {
        self.is_cancelled() && self.lock().best.is_some()
    }

    /// What the scope has failed with: the one failure that counts, or every one in the order of spawning. Failures
    /// that come later are reported.
    pub(crate) fn take_failures(&self) -> Failures {
        let mut inner = self.lock();
        inner.closed = true;
        let best = inner.best.take();
        let mut collected = std::mem::take(&mut inner.collected);
        drop(inner);
        collected.sort_by_key(|failure| failure.index);
        Failures { best, collected }
    }

    /// Nobody is left to be given the failures of this scope: they are reported.
    pub(crate) fn report_failures(&self) {
        let Failures { best, collected } = self.take_failures();
        for failure in collected.into_iter().chain(best) {
            failure.report(self);
        }
    }
}

/// What a scope has failed with.
#[derive(Debug)]
pub(crate) struct Failures {
    pub(crate) best: Option<Failure>,
    pub(crate) collected: Vec<Failure>,
}
