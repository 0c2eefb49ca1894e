//! The panic hook: one, chained, and it only takes notes.
//!
//! A panic inside a hook aborts the process, and the hook may run anywhere: under locks of others,
//! in destructors, while a thread's locals are torn down. So it runs no code of others, emits no
//! events, and uses nothing that could panic. The previous hook runs last, unchanged.

use std::panic::{self, PanicHookInfo};
use std::sync::{Arc, Once};
use std::thread;

use super::record::Record;
use super::{CATCHES_PANICS, local, reporter, ring};
use crate::report;

static INSTALLED: Once = Once::new();

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
    INSTALLED.call_once_force(|_| {
        let previous = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            observe(info);
            previous(info);
        }));
    });
}

fn observe(info: &PanicHookInfo<'_>) {
    if local::in_report() {
        return;
    }
    let in_frame = local::in_frame();
    let record = Arc::new(Record::capture(info, local::next_sequence()));
    let main = record.thread() == Some("main");
    let tell = if in_frame {
        report::panicked
    } else {
        report::unguarded
    };

    if !CATCHES_PANICS || ends_the_process(record.message()) {
        for unclaimed in local::take_all() {
            reporter::submit(unclaimed, report::panicked);
        }
        reporter::submit(record, tell);
        reporter::flush();
    } else if !in_frame {
        ring::put_unseen(Arc::clone(&record));
        reporter::submit(record, tell);
        // A program usually ends with the panic of its main thread, at once.
        if main {
            reporter::flush();
        }
    } else if let Err(record) = local::keep(Arc::clone(&record)) {
        // The thread is ending. The frame finds the record in the ring.
        ring::put_unseen(Arc::clone(&record));
        reporter::submit(record, tell);
    } else {
        reporter::watch(record);
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
