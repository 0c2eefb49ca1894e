//! shuttle's locks and atomics, under the names that the files know.

use std::cell::Cell;
use std::thread::ThreadId;

pub(crate) use shuttle::sync::{Mutex, MutexGuard};
pub(crate) use std::sync::{Arc, PoisonError, Weak};

pub(crate) mod atomic {
    pub(crate) use shuttle::sync::atomic::{
        AtomicBool, AtomicU8, AtomicU32, AtomicUsize, Ordering,
    };
}

std::thread_local! {
    /// The number of the schedule that this thread runs: what is made once in a process is made once in a schedule here.
    /// None on threads as std knows them: the reporter of panics.
    static RUN: Cell<Option<u64>> = const { Cell::new(None) };
}

/// Says that a new schedule begins on this thread.
pub fn begin() {
    RUN.set(Some(RUN.get().map_or(0, |run| run + 1)));
}

/// What a thread has made of a value in one of its schedules.
type Made<T> = (ThreadId, Option<u64>, &'static T);

/// As std's, once for each schedule. What it held is leaked: others may still refer to it.
#[derive(Debug)]
pub(crate) struct Global<T: 'static>(std::sync::Mutex<Vec<Made<T>>>);

impl<T> Global<T> {
    pub(crate) const fn new() -> Self {
        Self(std::sync::Mutex::new(Vec::new()))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Made<T>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn get_or_init(&self, f: impl FnOnce() -> T) -> &'static T {
        let (thread, run) = (std::thread::current().id(), RUN.get());
        let is_it = |made: &&Made<T>| made.0 == thread && made.1 == run;
        if let Some((_, _, made)) = self.lock().iter().find(is_it) {
            return made;
        }
        let made: &'static T = Box::leak(Box::new(f()));
        let mut all = self.lock();
        all.retain(|made| made.0 != thread);
        all.push((thread, run, made));
        made
    }
}

/// A local of a task of shuttle, or of a thread that has none.
pub(crate) struct LocalKey<T: 'static> {
    pub(crate) task: &'static shuttle::thread::LocalKey<T>,
    pub(crate) thread: &'static std::thread::LocalKey<T>,
}

impl<T> LocalKey<T> {
    pub(crate) fn try_with<R>(&'static self, f: impl FnOnce(&T) -> R) -> Result<R, Gone> {
        if shuttle::current::try_get_current_task().is_some() {
            self.task.try_with(f).map_err(|_| Gone)
        } else {
            self.thread.try_with(f).map_err(|_| Gone)
        }
    }

    pub(crate) fn with<R>(&'static self, f: impl FnOnce(&T) -> R) -> R {
        match self.try_with(f) {
            Ok(result) => result,
            Err(Gone) => panic!("a local was asked for after its end"),
        }
    }
}

/// The locals have been dropped.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gone;

macro_rules! locals {
    ($($(#[$meta:meta])* $vis:vis static $name:ident: $type:ty = const $init:block;)*) => {$(
        $(#[$meta])*
        $vis static $name: $crate::sync::LocalKey<$type> = {
            shuttle::thread_local! { static TASK: $type = const { $init }; }
            std::thread_local! { static THREAD: $type = const { $init }; }
            $crate::sync::LocalKey { task: &TASK, thread: &THREAD }
        };
    )*};
}
pub(crate) use locals as thread_local;
