//! The panic hook: one, chained, and it only takes notes.
//!
//! A panic inside a hook aborts the process, and the hook may run anywhere: under locks of others,
//! in destructors, while a thread's locals are torn down. So it runs no code of others, emits no
//! events, and uses nothing that could panic. The previous hook runs last, unchanged.
//!
//! Some hooks that are set later call the previous one, ours; some do not, color-eyre's among them, and then ours is gone. So
//! it is put in place [`again`] where a program has probably done with setting hooks. If ours is still called, it is in the
//! chain twice then, and the inner one of the two lets the panic pass.

use std::panic::{self, PanicHookInfo};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, Once, PoisonError, Weak};
use std::thread;

use super::deliberate::is_deliberate;
use super::handler::{PanicKind, PanicReport};
use super::record::Record;
use super::{CATCHES_PANICS, local, reporter, ring};

static INSTALLED: Once = Once::new();

/// How many threads are in the hook.
static RUNNING: AtomicUsize = AtomicUsize::new(0);

/// Whether a panic is still in the hands of the hooks, ours or those before it.
pub(crate) fn running() -> bool {
    RUNNING.load(Ordering::Acquire) > 0
}

/// Puts the hook in place, the first time.
///
/// Not while unwinding, where std refuses: then a later frame does it, and until then panics are
/// known by their payload alone.
#[inline]
pub(crate) fn install() {
    if !INSTALLED.is_completed() {
        install_now();
    }
}

#[cold]
fn install_now() {
    if thread::panicking() {
        return;
    }
    INSTALLED.call_once_force(|_| put_on_top());
    crate::policy::read_environment();
}

/// Puts the hook in front of those that were set since.
pub(crate) fn again() {
    if !INSTALLED.is_completed() {
        install_now();
    } else if !thread::panicking() {
        put_on_top();
    }
}

type Hook = dyn Fn(&PanicHookInfo<'_>) + Send + Sync;

/// One of our hooks: what it calls when it has seen the panic.
struct Ours {
    previous: Box<Hook>,
}

impl Ours {
    fn call(&self, info: &PanicHookInfo<'_>) {
        if !local::enter_hook() {
            return (self.previous)(info);
        }
        RUNNING.fetch_add(1, Ordering::AcqRel);
        let record = observe(info);
        (self.previous)(info);
        if let Some(record) = record {
            record.unwind();
        }
        RUNNING.fetch_sub(1, Ordering::AcqRel);
        local::leave_hook();
    }
}

/// The newest of our hooks: where the closure is, and whether it still is.
static NEWEST: Mutex<Option<(usize, Weak<Ours>)>> = Mutex::new(None);

fn put_on_top() {
    let mut newest = NEWEST.lock().unwrap_or_else(PoisonError::into_inner);
    let previous = panic::take_hook();
    if let Some((place, ours)) = &*newest
        && ours.strong_count() > 0
        && *place == place_of(&*previous)
    {
        panic::set_hook(previous);
        return;
    }
    let ours = Arc::new(Ours { previous });
    let weak = Arc::downgrade(&ours);
    let hook: Box<Hook> = Box::new(move |info| ours.call(info));
    *newest = Some((place_of(&*hook), weak));
    panic::set_hook(hook);
}

fn place_of(hook: &Hook) -> usize {
    std::ptr::from_ref(hook).cast::<()>().addr()
}

/// Takes down a panic, and gives what a frame is to find.
fn observe(info: &PanicHookInfo<'_>) -> Option<Arc<Record>> {
    if local::in_report() || is_deliberate(info.payload()) {
        return None;
    }
    let in_frame = local::in_frame();
    let record = Arc::new(Record::capture(info, local::next_sequence()));
    let main = record.thread() == Some("main");
    let kind = if in_frame {
        PanicKind::Guarded
    } else {
        PanicKind::Unguarded
    };

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

/// The two panics that std raises just before it aborts: nothing will unwind, so this is the last
/// chance to report.
fn ends_the_process(message: &str) -> bool {
    matches!(
        message,
        "panic in a destructor during cleanup" | "panic in a function that cannot unwind"
    )
}
