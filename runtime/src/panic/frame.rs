//! Frames: where panics are caught, matched with what the hook saw, and reported.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::thread;

use super::deliberate::is_deliberate;
use super::error::PanicError;
use super::handler::{PanicKind, PanicReport};
use super::local::{self, Mark};
use super::record::{Key, Record};
use super::ring;
use super::{hook, hooks};
use crate::site::Site;

/// Runs `f`; a panic in it is reported, unless it was before, and returned.
///
/// What else panicked inside and was caught there by somebody else is reported too. A deliberate abort passes: it goes on
/// unwinding, out of this call.
#[inline]
pub(crate) fn frame<R>(f: impl FnOnce() -> R) -> Result<R, PanicError> {
    frame_of(None, f)
}

/// As [`frame`], for a function with a name: a panic outside every task is reported under it.
#[inline]
pub(crate) fn frame_named<R>(site: &'static Site, f: impl FnOnce() -> R) -> Result<R, PanicError> {
    frame_of(Some(site), f)
}

/// As [`frame`], for those who have something to do before a deliberate abort goes on: it is an error here, not reported,
/// and to be resumed.
#[inline]
pub(crate) fn frame_holding<R>(f: impl FnOnce() -> R) -> Result<R, PanicError> {
    hold(None, f)
}

#[inline]
fn frame_of<R>(name: Option<&'static Site>, f: impl FnOnce() -> R) -> Result<R, PanicError> {
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
fn hold<R>(name: Option<&'static Site>, f: impl FnOnce() -> R) -> Result<R, PanicError> {
    hook::put_in_place();
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
fn attribute(mark: Mark, name: Option<&'static Site>, payload: Box<dyn Any + Send>) -> PanicError {
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
            if let Some(name) = name {
                record.name_task(name);
            }
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
            if let Some(name) = name {
                record.name_task(name);
            }
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
            hooks::report(&PanicReport::new(Arc::clone(&record), PanicKind::Caught));
            ring::put_unseen(record);
        }
    }
}

fn tell(record: &Arc<Record>) {
    hooks::report(&PanicReport::new(Arc::clone(record), PanicKind::Guarded));
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
