//! How many units of a scope have not ended, and who waits for the last of them.
//!
//! 1. `pending` is the number of units: one for the owner until it lets go, one for each task and each open scope inside.
//! 2. Who waits stores its waker under the lock, and reads `pending` after it has let the lock go.
//! 3. Who gives back a unit lowers `pending` first, and takes the lock to look for wakers after.
//! 4. So of the two that meet over the last unit, the one that takes the lock second sees what the other did before: the
//!    waiter reads the lowered number, or the unit finds the waker. No wake-up is lost.
//!
//! `tests/tests/models` runs this file under loom.

use std::task::Waker;

use crate::sync::Mutex;
use crate::sync::atomic::{AtomicUsize, Ordering};

/// Set while a task is detached: then every end is looked at, because the number alone does not tell.
const DETACHED: usize = 1 << (usize::BITS - 1);

#[derive(Debug)]
pub(super) struct Count {
    pending: AtomicUsize,
    wakers: Mutex<Wakers>,
}

#[derive(Debug, Default)]
struct Wakers {
    /// The owner's.
    joiner: Option<Waker>,
    /// Of those that wait for the root to be empty.
    idle: Vec<Waker>,
}

/// What a unit leaves behind when it is given back.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Left {
    /// So many units.
    Some(usize),
    /// None: the scope has ended.
    Nothing,
}

impl Count {
    /// The owner's unit.
    pub(super) fn new() -> Self {
        Self {
            pending: AtomicUsize::new(1),
            wakers: Mutex::new(Wakers::default()),
        }
    }

    /// One more unit. Whoever adds one holds another, or is the owner.
    #[inline]
    pub(super) fn add(&self) {
        self.pending.fetch_add(1, Ordering::Relaxed);
    }

    /// Gives back a unit.
    #[inline]
    pub(super) fn give_back(&self) -> Left {
        let before = self.pending.fetch_sub(1, Ordering::AcqRel);
        let left = (before & !DETACHED) - 1;
        if left == 1 || before & DETACHED != 0 {
            self.wake();
        }
        if left == 0 {
            Left::Nothing
        } else {
            Left::Some(left)
        }
    }

    /// The number of units, the owner's included.
    #[inline]
    pub(super) fn get(&self) -> usize {
        self.pending.load(Ordering::Acquire) & !DETACHED
    }

    /// Whether from now on some units may be those of detached tasks.
    pub(super) fn set_detached(&self, any: bool) {
        if any {
            self.pending.fetch_or(DETACHED, Ordering::AcqRel);
        } else {
            self.pending.fetch_and(!DETACHED, Ordering::AcqRel);
        }
    }

    pub(super) fn has_detached(&self) -> bool {
        self.pending.load(Ordering::Acquire) & DETACHED != 0
    }

    fn with<R>(&self, f: impl FnOnce(&mut Wakers) -> R) -> R {
        match self.wakers.lock() {
            Ok(mut wakers) => f(&mut wakers),
            Err(poisoned) => f(&mut poisoned.into_inner()),
        }
    }

    /// Wakes whoever waits. Wakers run outside the lock: they are a runtime's code.
    pub(super) fn wake(&self) {
        let wakers = self.with(std::mem::take);
        for waker in wakers.joiner.into_iter().chain(wakers.idle) {
            waker.wake();
        }
    }

    /// Leaves the owner's waker.
    pub(super) fn set_joiner(&self, waker: &Waker) {
        let old = self.with(|wakers| match &wakers.joiner {
            Some(old) if old.will_wake(waker) => None,
            _ => wakers.joiner.replace(waker.clone()),
        });
        drop(old);
    }

    /// Leaves the waker of one who waits for the root to be empty.
    pub(super) fn add_idle(&self, waker: &Waker) {
        self.with(|wakers| {
            if !wakers.idle.iter().any(|other| other.will_wake(waker)) {
                wakers.idle.push(waker.clone());
            }
        });
    }
}
