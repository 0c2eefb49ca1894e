//! A process that has forked and goes on without `exec`.
//!
//! It has the memory of its parent, and of its threads the one that called `fork`. So the thread that reports panics is gone,
//! as are those that a subscriber or a handler may wait for; and a lock that another thread held at that moment is never
//! released. Until such a process [`settle`]s, it reports by lines on stderr alone, and waits for no lock longer than a moment.

use std::process;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};
use std::thread;
use std::time::Duration;

/// The process whose threads and locks are those of this crate; 0 before it has any.
static HOME: AtomicU32 = AtomicU32::new(0);

/// A lock was not released.
static STUCK: AtomicBool = AtomicBool::new(false);

/// How often a lock is tried in a forked process, a millisecond apart: no thread that runs holds one for as long.
const TRIES: u32 = 100;

/// Says that the threads and locks of this crate are of this process.
pub(crate) fn settle() {
    HOME.store(process::id(), Ordering::Relaxed);
    STUCK.store(false, Ordering::Relaxed);
}

/// Whether this process was forked from the one that has the threads.
pub(crate) fn is_forked() -> bool {
    let home = HOME.load(Ordering::Relaxed);
    home != 0 && home != process::id()
}

/// Locks. `None` in a forked process where the lock is held by a thread that is not there.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> Option<MutexGuard<'_, T>> {
    if !is_forked() {
        return Some(mutex.lock().unwrap_or_else(PoisonError::into_inner));
    }
    for _ in 0..TRIES {
        match mutex.try_lock() {
            Ok(guard) => return Some(guard),
            Err(TryLockError::Poisoned(poisoned)) => return Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) if STUCK.load(Ordering::Relaxed) => return None,
            Err(TryLockError::WouldBlock) => thread::sleep(Duration::from_millis(1)),
        }
    }
    STUCK.store(true, Ordering::Relaxed);
    None
}
