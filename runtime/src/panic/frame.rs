//! Frames: where panics are caught, matched with what the hook saw, and reported.

use std::any::Any;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::thread;

use super::deliberate::is_deliberate;
use super::error::PanicError;
use super::handler::{PanicKind, PanicReport};
use super::hook::{self, install};
use super::local::{self, Mark};
use super::record::{Key, Record};
use super::ring;
use crate::report;
use crate::site::Site;

/// Runs `f`; a panic in it is reported, unless it was before, and returned.
///
/// What else panicked inside and was caught there by somebody else is reported too. A deliberate abort passes: it goes on
/// unwinding, out of this call.
#[inline]
pub(crate) fn frame<R>(f: impl FnOnce() -> R) -> Result<R, PanicError> {
    frame_of(Name::None, f)
}

/// As [`frame`], for a function with a name: a panic outside every task is reported under it.
#[inline]
pub(crate) fn frame_named<R>(site: &'static Site, f: impl FnOnce() -> R) -> Result<R, PanicError> {
    frame_of(Name::Function(site), f)
}

/// As [`frame`], for what serves a request: a panic is reported with the request, which is written out for one alone.
#[inline]
#[cfg_attr(
    not(feature = "tower"),
    allow(dead_code, reason = "for the layer around a service")
)]
pub(crate) fn frame_of_request<R>(
    request: &dyn fmt::Display,
    f: impl FnOnce() -> R,
) -> Result<R, PanicError> {
    frame_of(Name::Request(request), f)
}

/// What a frame knows of the code that it runs.
#[derive(Clone, Copy)]
#[cfg_attr(
    not(feature = "tower"),
    allow(dead_code, reason = "for the layer around a service")
)]
enum Name<'a> {
    None,
    Function(&'static Site),
    Request(&'a dyn fmt::Display),
}

impl Name<'_> {
    fn give_to(self, record: &Record) {
        match self {
            Self::None => {}
            Self::Function(site) => record.name_task(site),
            Self::Request(request) => record.name_request(request),
        }
    }
}

/// As [`frame`], for those who have something to do before a deliberate abort goes on: it is an error here, not reported,
/// and to be resumed.
#[inline]
pub(crate) fn frame_holding<R>(f: impl FnOnce() -> R) -> Result<R, PanicError> {
    hold(Name::None, f)
}

#[inline]
fn frame_of<R>(name: Name<'_>, f: impl FnOnce() -> R) -> Result<R, PanicError> {
    hold(name, f).map_err(pass_on)
}

/// Lets a deliberate abort go on, where it can: out of a destructor that runs while something else unwinds, it would end
/// the process.
#[cold]
fn pass_on(panic: PanicError) -> PanicError {
    if panic.is_deliberate() && !thread::panicking() {
        resume_unwind(panic.into_payload());
    }
    panic
}

#[inline]
fn hold<R>(name: Name<'_>, f: impl FnOnce() -> R) -> Result<R, PanicError> {
    install();
    let mark = local::enter();
    let outcome = catch_unwind(AssertUnwindSafe(f));
    let panicked = local::leave(mark);
    match outcome {
        Ok(value) => {
            if panicked {
                report_caught(local::take_since(mark));
            }
            Ok(value)
        }
        Err(payload) => Err(attribute(mark, name, payload)),
    }
}

/// Drops a value; a panic of its destructor is reported and returned.
pub(crate) fn contain_drop<T>(value: T) -> Option<PanicError> {
    frame_holding(move || drop(value)).err()
}

/// Finds what is known about a payload that has arrived at a frame.
///
/// A payload says nothing about its panic, so it is recognised: first among what panicked since the
/// frame began (newest first, by the type and the text of the payload), then among what was
/// reported and resumed. The order matters: an address is reused as soon as a resumed payload has
/// been dropped, but only a panic that the hook saw leaves a fresh record.
#[cold]
#[inline(never)]
fn attribute(mark: Mark, name: Name<'_>, payload: Box<dyn Any + Send>) -> PanicError {
    let key = Key::of(&*payload);
    let mut fresh = local::take_since(mark);
    let own = fresh
        .iter()
        .rposition(|record| record.matches(&key))
        .map(|index| fresh.remove(index));
    report_caught(fresh);
    if is_deliberate(&*payload) {
        return PanicError::new(Arc::new(Record::from_payload(&key)), payload);
    }

    let record = match own {
        Some(record) => {
            // The reporter has the record too, so this must come before the claim.
            name.give_to(&record);
            if record.claim() {
                tell(&record);
            } else {
                // It took so long to get here that the reporter has told it.
                ring::forget(&record);
            }
            record
        }
        None => ring::take(&key).unwrap_or_else(|| {
            hook::again();
            let record = Arc::new(Record::from_payload(&key));
            name.give_to(&record);
            record.claim();
            tell(&record);
            record
        }),
    };
    PanicError::new(record, payload)
}

/// Reports what panicked in a frame and was caught before it got there.
#[cold]
#[inline(never)]
fn report_caught(records: Vec<Arc<Record>>) {
    for record in records {
        if record.claim() {
            report::tell(&PanicReport::new(Arc::clone(&record), PanicKind::Caught));
            ring::put_unseen(record);
        }
    }
}

fn tell(record: &Arc<Record>) {
    report::tell(&PanicReport::new(Arc::clone(record), PanicKind::Guarded));
}

#[cfg(test)]
mod tests {
    use std::panic::resume_unwind;

    use super::*;

    const SITE: &Site = &Site::new("crate::handler");

    #[test]
    fn a_named_frame_names_a_panic_outside_every_task() {
        let panic = frame_named(SITE, || panic!("named")).unwrap_err();
        assert_eq!(panic.task(), Some("crate::handler"));
        let panic = frame_named(SITE, || resume_unwind(Box::new("named, unseen"))).unwrap_err();
        assert_eq!(panic.task(), Some("crate::handler"));
    }

    #[test]
    fn an_outer_name_does_not_replace_an_inner_one() {
        const OUTER: &Site = &Site::new("crate::outer");
        let inner = || frame_named(SITE, || panic!("inner")).unwrap_or_else(PanicError::resume);
        let panic = frame_named(OUTER, inner).unwrap_err();
        assert_eq!(panic.task(), Some("crate::handler"));
    }

    #[test]
    fn a_request_is_told_beside_the_function() {
        let handler = || frame_named(SITE, || panic!("asked")).unwrap_or_else(PanicError::resume);
        let panic = frame_of_request(&"GET /", handler).unwrap_err();
        assert_eq!(panic.task(), Some("crate::handler"));
        assert_eq!(panic.request(), None, "the function has told it before");

        let panic = frame_of_request(&"GET /", || panic!("asked\ntwice")).unwrap_err();
        assert_eq!((panic.task(), panic.request()), (None, Some("GET /")));
        let text = panic.to_string();
        assert!(text.starts_with("panicked in `GET /` at "), "{text}");
    }

    #[test]
    fn a_destructor_that_panics_is_contained() {
        struct Bomb;
        impl Drop for Bomb {
            fn drop(&mut self) {
                panic!("contained");
            }
        }
        assert_eq!(contain_drop(Bomb).unwrap().message(), "contained");
        assert!(contain_drop(1).is_none());
    }

    #[tokio::test]
    async fn a_panic_is_found_by_the_task_that_it_was_remembered_for() {
        let task = tokio::spawn(async {
            let panic = frame(|| resume_unwind(Box::new("remembered"))).unwrap_err();
            panic.remember(tokio::task::id());
            panic.resume()
        });
        let first = PanicError::from_join_error(task.await.unwrap_err()).unwrap();
        assert_eq!(first.message(), "remembered");
        assert_eq!(first.thread(), std::thread::current().name());
    }
}
