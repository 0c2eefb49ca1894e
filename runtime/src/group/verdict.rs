//! What a function returns for the failures of its group.

use std::time::Duration;

use super::shape::Shape;
use crate::cancel::{CancelCause, Cancelled, DeadlineExceeded};
use crate::context::TaskInfo;
use crate::error::ErasedError;
use crate::failure::{Failure, What};
use crate::panic::PanicError;
use crate::scope::Scope;
use crate::site::GroupId;

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

/// Reports an error for which the function has no place.
pub(super) fn report_body(scope: &Scope, id: &'static GroupId, text: &str) {
    let task = TaskInfo {
        path: scope.path(),
        site: Some(id.site()),
    };
    crate::report::error(&task, text);
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
    pub(super) const fn new() -> Self {
        Self {
            errors: Vec::new(),
            panic: None,
            unconverted: None,
        }
    }

    pub(super) fn add(
        &mut self,
        failure: Failure,
        from_panic: Option<fn(PanicError) -> E>,
        convert: impl Fn(u32, ErasedError) -> Result<E, ErasedError>,
        scope: &Scope,
        own: &mut impl FnMut() -> Option<E>,
    ) {
        let site = failure.site;
        match failure.what {
            // It is no failure, so no error stands for it.
            What::Panic(panic) if panic.is_deliberate() => self.panic = Some(panic),
            What::Panic(panic) => match from_panic {
                Some(from_panic) => self.errors.push(from_panic(panic)),
                // The first one unwinds; each has been reported.
                None => {
                    self.panic.get_or_insert(panic);
                }
            },
            What::Error(error) => match convert(site.slot(), error) {
                Ok(error) => self.errors.push(error),
                Err(error) => {
                    crate::failure::report_error(scope, site, &error);
                    self.unconverted.get_or_insert_with(|| error.to_string());
                }
            },
            What::BodyError => self.errors.extend(own()),
        }
    }
}
