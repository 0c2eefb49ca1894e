//! A failure of a discarded task or of a group's body, and which of several a group fails with.

use super::Scope;
use crate::error::ErasedError;
use crate::panic::PanicError;
use crate::site::{Site, TaskInfo};

/// What went wrong.
#[derive(Debug)]
pub(crate) enum What {
    /// Already reported where it happened.
    Panic(PanicError),
    Error(ErasedError),
    /// The body's error stays with the frame, because its type may be neither `Send` nor `'static`.
    BodyError,
}

/// A failure with what decides its rank.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) what: What,
    pub(crate) site: &'static Site,
    /// The number of the task in its group, in the order of spawning.
    pub(crate) index: u32,
    pub(crate) from_body: bool,
    /// The poll that failed began before the group was cancelled, so this is no consequence of it.
    pub(crate) concurrent: bool,
}

impl Failure {
    /// Whether a group fails with this one rather than with `other`, which was recorded before.
    ///
    /// What began before the first failure was known is concurrent with it; among concurrent failures a panic goes
    /// before an error, a child before the body, and then the one recorded first. A child's error that only says that somebody
    /// was cancelled is never concurrent with what has cancelled the group.
    pub(crate) fn goes_before(&self, other: &Self) -> bool {
        self.rank() > other.rank()
    }

    const fn rank(&self) -> (bool, bool, bool) {
        (
            self.concurrent,
            matches!(self.what, What::Panic(_)),
            !self.from_body,
        )
    }

    /// Says of a failure that the group does not fail with what it was. A panic was reported when it happened.
    pub(crate) fn report(self, scope: &Scope) {
        match self.what {
            What::Error(error) => report_error(scope, self.site, &error),
            What::Panic(panic) => drop(panic),
            What::BodyError => {}
        }
    }
}

/// Reports an error that nobody takes.
pub(crate) fn report_error(scope: &Scope, site: &'static Site, error: &ErasedError) {
    report_text(scope, site, &error.to_string());
}

/// As [`report_error`], of an error that is gone.
pub(crate) fn report_text(scope: &Scope, site: &'static Site, error: &str) {
    let task = TaskInfo {
        path: scope.path_of(site),
        site: Some(site),
    };
    crate::report::error(&task, error);
}
