//! A failure in a scope: which one counts, and what it does to the others.

use std::time::{Duration, Instant};

use super::Scope;
use super::failure::{Failure, What};
use crate::cause::CancelCause;
use crate::options::OnFailure;

impl Scope {
    /// A task or the body has failed. The first failure cancels the rest, unless the group isolates or collects.
    pub(crate) fn fail(&self, mut failure: Failure) {
        if let (What::Panic(panic), Some(policy)) = (&failure.what, self.policy()) {
            crate::policy::weigh_at(*policy, self.site, panic);
        }
        let isolated = self.on_failure == OnFailure::Isolate && !failure.from_body;
        let cause = CancelCause::failure(failure.site);
        let is_cancellation =
            matches!(&failure.what, What::Error(error) if error.is_cancellation());
        let unjoined = self.unjoined_by(&failure);
        let mut inner = self.lock();
        if is_cancellation && (inner.best.is_some() || self.is_cancelled()) {
            // It has seen somebody who was aborted, in a poll that began before that.
            failure.concurrent = false;
        }
        if !inner.closed && inner.unjoined.is_none() {
            inner.unjoined = unjoined;
        }
        let loser = if isolated || inner.closed {
            Some(failure)
        } else if self.collects() {
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
        if !isolated && !self.collects() && !self.cancel(&cause) {
            // Cancelled before, perhaps from outside with a body that runs on: a failure ends that too.
            self.wake_joiner();
        }
        if let Some(loser) = loser {
            loser.report(self);
        }
    }

    /// If the process must not go on without this group for long, once this failure has cancelled it: until when.
    fn unjoined_by(&self, failure: &Failure) -> Option<Box<Unjoined>> {
        let What::Panic(panic) = &failure.what else {
            return None;
        };
        if self.on_failure != OnFailure::Cancel || panic.is_deliberate() {
            return None;
        }
        let after = crate::policy::unjoined_after(self.policy())?;
        // A date beyond what the clock can tell never comes.
        let due = Instant::now().checked_add(after)?;
        crate::clock::wake();
        Some(Box::new(Unjoined {
            due,
            after,
            panic: panic.to_string(),
        }))
    }

    /// If a panic has cancelled this scope and it should have come home by now, that panic and how long it had; otherwise
    /// when that will be.
    pub(crate) fn unjoined(&self, now: Instant) -> Option<Result<(String, Duration), Instant>> {
        let inner = self.lock();
        let Unjoined { due, after, panic } = inner.unjoined.as_deref()?;
        if self.count.get() == 0 {
            return None;
        }
        Some(if *due <= now {
            Ok((panic.clone(), *after))
        } else {
            Err(*due)
        })
    }

    /// Whether every failure is handed over.
    pub(crate) fn collects(&self) -> bool {
        self.on_failure == OnFailure::Collect
    }

    /// Whether there may be failures or a cancellation to decide on, without the lock.
    pub(crate) fn is_disturbed(&self) -> bool {
        self.is_cancelled() || self.collects()
    }

    pub(crate) fn has_failed(&self) -> bool {
        self.is_cancelled() && self.lock().best.is_some()
    }

    /// What the scope has failed with: the one failure that counts, or every one in the order of spawning. Failures
    /// that come later are reported.
    pub(crate) fn take_failures(&self) -> Failures {
        let mut inner = self.lock();
        inner.closed = true;
        // It has come home, or its owner has given it up.
        inner.unjoined = None;
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

/// A panic that has cancelled a scope, and how long that may take to come home.
#[derive(Debug)]
pub(super) struct Unjoined {
    due: Instant,
    after: Duration,
    panic: String,
}

/// What a scope has failed with.
#[derive(Debug)]
pub(crate) struct Failures {
    pub(crate) best: Option<Failure>,
    pub(crate) collected: Vec<Failure>,
}

#[cfg(test)]
mod tests {
    use crate::sync::Arc;

    use super::*;
    use crate::catch::catch_sync;
    use crate::options::Options;
    use crate::panic::PanicError;
    use crate::policy::PanicPolicy;
    use crate::process::set_panic_policy;
    use crate::site::Site;

    const SITE: &Site = &Site::new("unjoined");
    const HOUR: Duration = Duration::from_secs(3600);

    fn panicked() -> PanicError {
        catch_sync(|| panic!("no such table")).unwrap_err()
    }

    /// A group that has failed with a panic, under a policy that gives it an hour.
    fn failed(options: &Options, panic: PanicError) -> Arc<Scope> {
        set_panic_policy(PanicPolicy::recover().abort_if_unjoined(HOUR));
        let scope = crate::ambient::open(SITE, options);
        scope.fail(Failure {
            what: What::Panic(panic),
            site: SITE,
            index: 0,
            from_body: false,
            concurrent: true,
        });
        scope
    }

    #[test]
    fn a_group_that_a_panic_has_cancelled_is_due_after_the_time_it_has() {
        let before = Instant::now();
        let scope = failed(&Options::new(), panicked());
        let due = scope.unjoined(before).unwrap().unwrap_err();
        assert!(due >= before + HOUR && due <= Instant::now() + HOUR);
        let (panic, after) = scope.unjoined(due).unwrap().unwrap();
        assert!(panic.ends_with(": no such table"), "{panic}");
        assert_eq!(after, HOUR);
        scope.close();
    }

    #[test]
    fn one_that_has_come_home_is_not() {
        let late = Instant::now() + 2 * HOUR;
        let scope = failed(&Options::new(), panicked());
        scope.take_failures();
        assert_eq!(scope.unjoined(late), None);
        scope.close();

        let scope = failed(&Options::new(), panicked());
        scope.close();
        assert_eq!(scope.unjoined(late), None);
    }

    #[test]
    fn those_that_go_on_after_a_panic_are_not() {
        let late = Instant::now() + 2 * HOUR;
        for options in [Options::new().collect(), Options::new().isolate()] {
            let scope = failed(&options, panicked());
            assert_eq!(scope.unjoined(late), None, "{:?}", options.on_failure);
            scope.close();
        }
    }
}
