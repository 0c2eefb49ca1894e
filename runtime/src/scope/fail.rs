//! A failure in a scope: which one counts, and what it does to the others.

use super::Scope;
use crate::cancel::CancelCause;
use crate::failure::Failure;
use crate::options::OnFailure;

impl Scope {
    /// A task or the body has failed. The first failure cancels the rest, unless the group isolates or collects.
    pub(crate) fn fail(&self, failure: Failure) {
        match self.on_failure {
            OnFailure::Isolate if !failure.from_body => failure.report(self),
            OnFailure::Collect => self.lock().collected.push(failure),
            _ => {
                let cause = CancelCause::failure(failure.site);
                let mut inner = self.lock();
                let loser = match inner.best.take() {
                    Some(best) if !failure.goes_before(&best) => {
                        inner.best = Some(best);
                        Some(failure)
                    }
                    other => {
                        inner.best = Some(failure);
                        other
                    }
                };
                drop(inner);
                self.cancel(&cause);
                if let Some(loser) = loser {
                    loser.report(self);
                }
            }
        }
    }

    pub(crate) fn has_failed(&self) -> bool {
        self.is_cancelled() && self.lock().best.is_some()
    }

    pub(crate) fn take_best(&self) -> Option<Failure> {
        self.lock().best.take()
    }

    pub(crate) fn take_collected(&self) -> Vec<Failure> {
        std::mem::take(&mut self.lock().collected)
    }
}
