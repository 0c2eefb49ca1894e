//! The panics that have been reported and may be met again.
//!
//! A payload that was caught, reported and resumed comes back: to an outer frame, in a `JoinError`,
//! from a thread's `join`. Here its record waits for it. The last [`KEPT`] are kept; one that was
//! pushed out is treated as a panic of which nothing is known.
//!
//! The lock is held for searching only. Nothing that runs under it can panic, so the hook may take
//! it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::task::Id;

use super::record::{Key, Record};
use crate::fork;

const KEPT: usize = 256;

struct Entry {
    /// Of a payload that was in our hands; unknown for one that only the hook saw.
    key: Option<Key>,
    task: Option<Id>,
    record: Arc<Record>,
}

impl Entry {
    /// Content and, where it is known, identity.
    fn is_of(&self, key: &Key) -> bool {
        match &self.key {
            Some(own) => {
                own.address == key.address
                    && own.payload_type == key.payload_type
                    && own.message == key.message
            }
            None => self.record.matches(key),
        }
    }
}

static RING: Mutex<VecDeque<Entry>> = Mutex::new(VecDeque::new());

fn ring() -> Option<MutexGuard<'static, VecDeque<Entry>>> {
    fork::lock(&RING)
}

/// Whether no thread that is gone holds the lock.
pub(super) fn is_free() -> bool {
    ring().is_some()
}

/// Remembers the record of a payload that leaves our hands, and the tokio task it leaves through.
pub(super) fn put(key: Key, task: Option<Id>, record: Arc<Record>) {
    push(Entry {
        key: Some(key),
        task,
        record,
    });
}

/// Remembers the record of a payload that somebody else has.
pub(super) fn put_unseen(record: Arc<Record>) {
    push(Entry {
        key: None,
        task: record.tokio_task,
        record,
    });
}

fn push(entry: Entry) {
    let Some(mut ring) = ring() else { return };
    let evicted = if ring.len() >= KEPT {
        ring.pop_front()
    } else {
        None
    };
    ring.push_back(entry);
    drop(ring);
    drop(evicted);
}

/// The record of a payload that was met again: by its address, else by what it says.
pub(super) fn take(key: &Key) -> Option<Arc<Record>> {
    take_where(|entry| entry.key.is_some() && entry.is_of(key))
        .or_else(|| take_where(|entry| entry.key.is_none() && entry.is_of(key)))
}

/// The record of a payload that came out of a tokio task.
pub(super) fn take_from_task(task: Id, key: &Key) -> Option<Arc<Record>> {
    take_where(|entry| entry.key.is_some() && entry.is_of(key))
        .or_else(|| take_where(|entry| entry.task == Some(task) && entry.record.matches(key)))
}

/// Drops what is known of a record whose payload has been found after all.
pub(super) fn forget(record: &Arc<Record>) {
    take_where(|entry| Arc::ptr_eq(&entry.record, record));
}

/// Takes the newest entry that fits.
fn take_where(fits: impl Fn(&Entry) -> bool) -> Option<Arc<Record>> {
    let mut ring = ring()?;
    let found = ring.iter().rposition(fits)?;
    ring.remove(found).map(|entry| entry.record)
}
