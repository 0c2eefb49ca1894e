//! What a function returns for the failures of its group.

use std::time::Duration;

use super::shape::Shape;
use crate::cause::{CancelCause, Cancelled, DeadlineExceeded};
use crate::error::{ErasedError, UNSPEAKABLE};
use crate::panic::{PanicError, frame_holding};
use crate::scope::failure::{Failure, What};
use crate::scope::{Failures, Scope};
use crate::site::{GroupId, Site, TaskInfo};

/// What a cancellation from outside is called in the function's error type, if that has a word for it.
pub(super) fn interruption<O, S: Shape<O>>(
    shape: &S,
    cause: &CancelCause,
    given: Option<Duration>,
    scope: &Scope,
) -> Option<S::Error> {
    if let (CancelCause::Deadline, Some(deadline), Some(given)) = (cause, shape.deadline(), given)
        && (scope.has_own_deadline() || shape.cancelled().is_none())
    {
        return Some(deadline(DeadlineExceeded::new(given)));
    }
    Some(shape.cancelled()?(Cancelled::new(cause.clone())))
}

/// Reports an error for which the function has no place. The user's `Display` or `Debug` may panic; a report must not.
pub(super) fn report_body(
    scope: &Scope,
    id: &'static GroupId,
    describe: impl FnOnce() -> Option<String>,
) {
    let text = match frame_holding(describe) {
        Ok(Some(text)) => text,
        Ok(None) => return,
        Err(_) => UNSPEAKABLE.to_owned(),
    };
    let task = TaskInfo {
        path: scope.path(),
        site: Some(id.site()),
    };
    crate::report::error(&task, &text);
}

/// What the function makes of its group's failures.
pub(super) struct Verdict<E> {
    pub(super) errors: Vec<E>,
    pub(super) panic: Option<PanicError>,
    /// The first error that the frame cannot convert: the group of one instance of a generic function was given a task of
    /// another. It has been reported.
    pub(super) unconverted: Option<String>,
}

impl<E> Verdict<E> {
    /// What a scope that has been joined has failed with, or what has interrupted it from outside. What loses against it is
    /// reported.
    pub(super) fn of(
        scope: &Scope,
        outside: impl FnOnce() -> Option<E>,
        from_panic: Option<fn(PanicError) -> E>,
        convert: impl Fn(&'static Site, ErasedError) -> Result<E, ErasedError>,
        own: &mut impl FnMut() -> Option<E>,
    ) -> Self {
        let mut verdict = Self {
            errors: Vec::new(),
            panic: None,
            unconverted: None,
        };
        let outside = frame_holding(outside).unwrap_or_else(|panic| {
            verdict.add_panic(panic, from_panic);
            None
        });
        let Failures {
            best,
            collected: mut failures,
        } = scope.take_failures();
        match (best, outside) {
            (Some(best), Some(outside)) if !best.concurrent => {
                verdict.errors.push(outside);
                best.report(scope);
            }
            (Some(best), _) => failures.push(best),
            (None, Some(outside)) => verdict.errors.push(outside),
            (None, None) => {}
        }
        for failure in failures {
            verdict.add(failure, from_panic, &convert, scope, own);
        }
        verdict
    }

    pub(super) const fn fails(&self) -> bool {
        self.panic.is_some() || !self.errors.is_empty()
    }

    fn add(
        &mut self,
        failure: Failure,
        from_panic: Option<fn(PanicError) -> E>,
        convert: &impl Fn(&'static Site, ErasedError) -> Result<E, ErasedError>,
        scope: &Scope,
        own: &mut impl FnMut() -> Option<E>,
    ) {
        let site = failure.site;
        match failure.what {
            What::Panic(panic) => self.add_panic(panic, from_panic),
            // The `From` of the user's may panic: then that is the failure.
            What::Error(error) => match frame_holding(|| convert(site, error)) {
                Ok(Ok(error)) => self.errors.push(error),
                Ok(Err(error)) => {
                    crate::scope::failure::report_error(scope, site, &error);
                    self.unconverted.get_or_insert_with(|| error.to_string());
                }
                Err(panic) => self.add_panic(panic, from_panic),
            },
            What::BodyError => self.errors.extend(own()),
        }
    }

    /// A panic, as the function returns it.
    fn add_panic(&mut self, panic: PanicError, from_panic: Option<fn(PanicError) -> E>) {
        // It is no failure, so no error stands for it.
        if panic.is_deliberate() {
            self.panic = Some(panic);
            return;
        }
        let unwinds = match from_panic {
            Some(from_panic) => match frame_holding(|| from_panic(panic)) {
                Ok(error) => return self.errors.push(error),
                Err(panic) => panic,
            },
            None => panic,
        };
        // The first one unwinds; each has been reported.
        self.panic.get_or_insert(unwinds);
    }
}
