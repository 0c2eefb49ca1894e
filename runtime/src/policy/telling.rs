//! The threads that tell a panic: the end of the process, which would cut them off, waits for them.

use std::cell::Cell;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::fork;

/// How many threads are telling a panic.
static TELLING: Mutex<usize> = Mutex::new(0);
/// One of them has told it.
static TOLD: Condvar = Condvar::new();

thread_local! {
    static TELLS: Cell<bool> = const { Cell::new(false) };
}

fn telling() -> MutexGuard<'static, usize> {
    TELLING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Forgets the threads of the parent process. `false` where one of them holds the lock.
pub(super) fn forget_parent() -> bool {
    let telling = fork::lock(&TELLING);
    telling
        .map(|mut telling| *telling = usize::from(TELLS.get()))
        .is_some()
}

/// Held by a thread while it tells a panic, and whatever panics in that.
pub(crate) struct Telling;

impl Telling {
    pub(crate) fn begin() -> Option<Self> {
        let outermost = !TELLS.replace(true);
        outermost.then(|| {
            *telling() += 1;
            Self
        })
    }
}

impl Drop for Telling {
    fn drop(&mut self) {
        TELLS.set(false);
        *telling() -= 1;
        TOLD.notify_all();
    }
}

/// Waits until no other thread is telling a panic, at most so long: for the end of the process, which would cut it off.
pub(super) fn wait_for_others(most: Duration) {
    let own = usize::from(TELLS.get());
    let waited = TOLD.wait_timeout_while(telling(), most, |telling| *telling > own);
    drop(waited);
}
