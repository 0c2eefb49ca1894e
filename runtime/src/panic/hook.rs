//! The panic hook: one, chained, and it only takes notes.
//!
//! A panic inside a hook aborts the process, and the hook may run anywhere: under locks of others,
//! in destructors, while a thread's locals are torn down. So it runs no code of others, emits no
//! events, and uses nothing that could panic. The previous hook runs last, unchanged.
//!
//! Some hooks that are set later call the previous one, ours; some do not, color-eyre's among them, and then ours is gone. It
//! is put in place [`again`], in front of those, where that is noticed: by a frame that a panic reaches unseen, and
//! wherever a program has probably done with setting hooks.

use std::panic::{self, PanicHookInfo};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, Once, PoisonError, Weak};
use std::thread;
use std::time::Duration;

use super::deliberate::is_deliberate;
use super::handler::{PanicKind, PanicReport};
use super::hooks::{self, Hooks};
use super::record::Record;
use super::{CATCHES_PANICS, handler, local, reporter, ring};
use crate::fork;

static INSTALLED: Once = Once::new();

/// How many threads are in the hook.
static RUNNING: Mutex<usize> = Mutex::new(0);
/// None is, any more.
static DONE: Condvar = Condvar::new();

fn running() -> MutexGuard<'static, usize> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Waits until no panic is in the hands of the hooks, ours or those before it, at most so long.
pub(crate) fn wait_for_hooks(most: Duration) {
    let waited = DONE.wait_timeout_while(running(), most, |running| *running > 0);
    drop(waited);
}

/// Whether the hook is in place, unless somebody has replaced it.
#[inline]
pub(crate) fn is_installed() -> bool {
    INSTALLED.is_completed()
}

/// Puts the hook in place, the first time, with what it is to call.
#[cold]
pub(crate) fn install(above: &'static Hooks) {
    hooks::set(above);
    put_in_place();
}

/// Puts the hook in place once it is known what it is to call.
///
/// Not while unwinding, where std refuses: then a later frame does it, and until then panics are
/// known by their payload alone.
#[inline]
pub(super) fn put_in_place() {
    if !INSTALLED.is_completed() {
        put_in_place_now();
    }
}

#[cold]
fn put_in_place_now() {
    if thread::panicking() {
        return;
    }
    let Some(hooks) = hooks::get() else { return };
    INSTALLED.call_once_force(|_| {
        fork::settle();
        set();
    });
    (hooks.installed)();
}

/// Puts the hook in place again if it is gone.
///
/// Only then: between taking a hook and setting the next one, std's default is there, and what panics meanwhile is seen by
/// nobody else.
pub(crate) fn again() {
    put_in_place();
    if is_gone() && !thread::panicking() {
        set();
    }
}

/// Makes a forked process one with a reporter, which is started when it is needed. Not where a thread that is gone holds a
/// lock.
pub(crate) fn settle() {
    let Some(mut running) = fork::lock(&RUNNING) else {
        return;
    };
    let is_free = fork::lock(&OURS).is_some() && ring::is_free() && handler::is_free();
    if is_free && reporter::forget_parent() {
        *running = 0;
        fork::settle();
    }
}

type Hook = Box<dyn Fn(&PanicHookInfo<'_>) + Send + Sync>;

/// Our hook: what it calls when it has seen the panic.
struct Ours {
    previous: Hook,
}

impl Ours {
    fn call(&self, info: &PanicHookInfo<'_>) {
        if fork::is_forked() {
            observe_forked(info);
            return (self.previous)(info);
        }
        *running() += 1;
        let record = observe(info);
        (self.previous)(info);
        if let Some(record) = record {
            record.unwind();
        }
        *running() -= 1;
        DONE.notify_all();
    }
}

/// Who replaces our hook drops it, unless it is to be called.
static OURS: Mutex<Weak<Ours>> = Mutex::new(Weak::new());

fn is_gone() -> bool {
    fork::lock(&OURS).is_some_and(|ours| ours.strong_count() == 0)
}

fn set() {
    let Some(mut slot) = fork::lock(&OURS) else {
        return;
    };
    if slot.strong_count() > 0 {
        return;
    }
    let previous = panic::take_hook();
    let ours = Arc::new(Ours { previous });
    *slot = Arc::downgrade(&ours);
    panic::set_hook(Box::new(move |info| ours.call(info)));
}

/// Takes down a panic, and gives what a frame is to find.
fn observe(info: &PanicHookInfo<'_>) -> Option<Arc<Record>> {
    if local::in_report() || is_deliberate(info.payload()) {
        return None;
    }
    let in_frame = local::in_frame();
    let record = Arc::new(Record::capture(info, local::next_sequence()));
    let main = record.thread() == Some("main");
    let kind = kind(in_frame);

    if !CATCHES_PANICS || ends_the_process(record.message()) {
        for unclaimed in local::take_all() {
            reporter::submit(PanicReport::new(unclaimed, PanicKind::Guarded));
        }
        reporter::submit(PanicReport::new(record, kind));
        reporter::flush();
    } else if !in_frame {
        ring::put_unseen(Arc::clone(&record));
        reporter::submit(PanicReport::new(record, kind));
        // A program usually ends with the panic of its main thread, at once.
        if main {
            reporter::flush();
        }
    } else if let Err(record) = local::keep(Arc::clone(&record)) {
        // The thread is ending. The frame finds the record in the ring.
        ring::put_unseen(Arc::clone(&record));
        reporter::submit(PanicReport::new(record, kind));
    } else {
        reporter::watch(Arc::clone(&record));
        return Some(record);
    }
    None
}

const fn kind(in_frame: bool) -> PanicKind {
    if in_frame {
        PanicKind::Guarded
    } else {
        PanicKind::Unowned
    }
}

/// Takes down a panic in a process without a reporter. Waits for no lock.
fn observe_forked(info: &PanicHookInfo<'_>) {
    if local::in_report() || is_deliberate(info.payload()) {
        return;
    }
    let in_frame = local::in_frame();
    let record = Arc::new(Record::capture(info, local::next_sequence()));
    let ends = !CATCHES_PANICS || ends_the_process(record.message());
    if in_frame && !ends && local::keep(Arc::clone(&record)).is_ok() {
        return;
    }
    ring::put_unseen(Arc::clone(&record));
    if record.claim() {
        hooks::report(&PanicReport::new(record, kind(in_frame)));
    }
}

/// The two panics that std raises just before it aborts: nothing will unwind, so this is the last
/// chance to report.
fn ends_the_process(message: &str) -> bool {
    matches!(
        message,
        "panic in a destructor during cleanup" | "panic in a function that cannot unwind"
    )
}
