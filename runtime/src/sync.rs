//! What the scopes are built from, by one name, so that a checker of schedules can put its own in their place:
//! `tests/schedules` runs the same files under shuttle.

/// What is made once in a process.
pub(crate) use std::sync::OnceLock as Global;
pub(crate) use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
pub(crate) use std::thread_local;

pub(crate) mod atomic {
    pub(crate) use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicUsize, Ordering};
}
