//! Frames: where panics are caught, matched with what the hook saw, and reported.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::error::PanicError;
use super::hook::install;
use super::local::{self, Mark};
use super::record::{Key, Record};
use super::ring;
use crate::report;

/// Runs `f`; a panic in it is reported, unless it was before, and returned.
///
/// What else panicked inside and was caught there by somebody else is reported too.
#[inline]
pub(crate) fn frame<R>(f: impl FnOnce() -> R) -> Result<R, PanicError> {
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
        Err(payload) => Err(attribute(mark, payload)),
    }
}

/// Drops a value; a panic of its destructor is reported and returned.
pub(crate) fn contain_drop<T>(value: T) -> Option<PanicError> {
    frame(move || drop(value)).err()
}

/// Finds what is known about a payload that has arrived at a frame.
///
/// A payload says nothing about its panic, so it is recognised: first among what panicked since the
/// frame began (newest first, by the type and the text of the payload), then among what was
/// reported and resumed. The order matters: an address is reused as soon as a resumed payload has
/// been dropped, but only a panic that the hook saw leaves a fresh record.
#[cold]
#[inline(never)]
fn attribute(mark: Mark, payload: Box<dyn Any + Send>) -> PanicError {
    let key = Key::of(&*payload);
    let mut fresh = local::take_since(mark);
    let own = fresh
        .iter()
        .rposition(|record| record.matches(&key))
        .map(|index| fresh.remove(index));
    report_caught(fresh);

    let record = match own {
        Some(record) => {
            if record.claim() {
                report::panicked(&record);
            } else {
                // It took so long to get here that the reporter has told it.
                ring::forget(&record);
            }
            record
        }
        None => ring::take(&key).unwrap_or_else(|| {
            let record = Arc::new(Record::from_payload(&key));
            record.claim();
            report::panicked(&record);
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
            report::caught(&record);
            ring::put_unseen(record);
        }
    }
}
