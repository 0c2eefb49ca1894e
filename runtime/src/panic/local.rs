//! What a thread knows of its own panics.
//!
//! 1. `LOCAL` holds plain cells, initialised at compile time and without destructor: reading it
//!    costs an offset from the thread pointer, and it works to the very end of a thread.
//! 2. `RECORDS` has a destructor. It is touched only when something panics, through `try_with`,
//!    so it may be gone.
//! 3. `RECORDS` holds what has panicked inside a frame of this thread and has not been
//!    attributed yet, oldest first. A frame takes everything newer than its own start when it ends:
//!    a panic still under way then would be passing through that frame.

use crate::sync::Arc;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::payload;
use super::record::Record;

struct Local {
    /// How many frames of ours this thread is in.
    depth: Cell<u32>,
    /// The number of the newest record of this thread.
    sequence: Cell<u64>,
    /// A report is being made on this thread.
    reporting: Cell<bool>,
}

crate::sync::thread_local! {
    static LOCAL: Local = const {
        Local { depth: Cell::new(0), sequence: Cell::new(0), reporting: Cell::new(false) }
    };
    static RECORDS: RefCell<Vec<Arc<Record>>> = const { RefCell::new(Vec::new()) };
}

/// Unclaimed records that one thread keeps: somebody catches panics in a loop inside one long
/// frame. The reporter has the older ones.
const KEPT: usize = 64;

/// Where a frame began.
#[derive(Clone, Copy)]
pub(super) struct Mark {
    depth: u32,
    sequence: u64,
}

#[inline]
pub(super) fn enter() -> Mark {
    LOCAL.with(|local| {
        let mark = Mark {
            depth: local.depth.get(),
            sequence: local.sequence.get(),
        };
        local.depth.set(mark.depth + 1);
        mark
    })
}

/// Ends a frame; says whether anything panicked in it.
#[inline]
pub(super) fn leave(mark: Mark) -> bool {
    LOCAL.with(|local| {
        local.depth.set(mark.depth);
        local.sequence.get() != mark.sequence
    })
}

/// Everything that has panicked since the mark and nobody has claimed, oldest first.
pub(super) fn take_since(mark: Mark) -> Vec<Arc<Record>> {
    take_newer(mark.sequence)
}

/// Everything that has panicked on this thread and nobody has claimed, oldest first.
pub(super) fn take_all() -> Vec<Arc<Record>> {
    take_newer(0)
}

fn take_newer(sequence: u64) -> Vec<Arc<Record>> {
    RECORDS
        .try_with(|records| {
            let mut records = records.try_borrow_mut().ok()?;
            let start = records.partition_point(|record| record.sequence <= sequence);
            Some(records.split_off(start))
        })
        .ok()
        .flatten()
        .unwrap_or_default()
}

/// Keeps a record for the frame that its panic will meet; `Err` when the thread cannot keep
/// anything any more.
pub(super) fn keep(record: Arc<Record>) -> Result<(), Arc<Record>> {
    let mut homeless = Some(record);
    let _ = RECORDS.try_with(|records| {
        if let Ok(mut records) = records.try_borrow_mut() {
            if records.len() >= KEPT {
                records.remove(0);
            }
            records.extend(homeless.take());
        }
    });
    homeless.map_or(Ok(()), Err)
}

/// The number for the next record of this thread.
pub(super) fn next_sequence() -> u64 {
    LOCAL.with(|local| {
        let next = local.sequence.get() + 1;
        local.sequence.set(next);
        next
    })
}

pub(super) fn in_frame() -> bool {
    LOCAL.with(|local| local.depth.get() > 0)
}

/// Whether a panic on this thread now would come from the reporting itself.
pub(super) fn in_report() -> bool {
    LOCAL.with(|local| local.reporting.get() && local.depth.get() == 0)
}

/// Whether the thread's locals with destructors are still there.
pub(super) fn is_alive() -> bool {
    RECORDS.try_with(|_| ()).is_ok()
}

/// Runs code of others that makes a report: `None` when that panicked, or when this thread is
/// making a report already.
///
/// A panic in there is not recorded (the previous hook still sees it): reporting it would meet the
/// same fault again. Frames inside work.
pub(crate) fn reporting<R>(report: impl FnOnce() -> R) -> Option<R> {
    let depth =
        LOCAL.with(|local| (!local.reporting.replace(true)).then(|| local.depth.replace(0)))?;
    let outcome = catch_unwind(AssertUnwindSafe(report));
    let result = outcome.map_err(payload::discard).ok();
    LOCAL.with(|local| {
        local.depth.set(depth);
        local.reporting.set(false);
    });
    result
}
