//! Ending the process after a panic: what is known is told first, and a second later at the latest it is over.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::PanicPolicy;
use super::own::Written;
use super::telling::wait_for_others;
use crate::fork;
use crate::panic;
use crate::site::Site;
use crate::stderr;

/// How long a process that is to end may take over its last reports.
const LAST: Duration = Duration::from_secs(1);

/// Who says that the process ends.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Why {
    /// The policy of the process.
    Policy(PanicPolicy),
    /// That of a function or a group.
    Own(PanicPolicy, &'static Site),
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Policy(policy) => write!(f, "panic policy `{policy}`"),
            Self::Own(policy, site) => {
                let policy = Written(*policy);
                write!(f, "`on_panic = \"{policy}\"` of `{}`", site.name())
            }
        }
    }
}

/// The right to abort the process: the first who asks has it.
#[derive(Debug)]
#[must_use = "the process has a second left, and others may still wait for their reports"]
pub(crate) struct Ending {
    since: Instant,
}

impl Ending {
    /// Says that the process ends. From now on there is one second left, whatever a subscriber, a handler or a hook does
    /// with it. `None` when that is so already.
    pub(crate) fn new(why: Why, because: impl fmt::Display) -> Option<Self> {
        static ENDS: AtomicBool = AtomicBool::new(false);
        if ENDS.swap(true, Ordering::AcqRel) {
            return None;
        }
        // First of all: even a line on stderr may have to wait for its reader. Where there is no thread for it, only what
        // code of others takes has no bound.
        let _ = thread::Builder::new()
            .name("rejoin-abort".to_owned())
            .spawn(|| {
                // Nothing to wait for: it is the time itself that ends the process.
                thread::sleep(LAST);
                std::process::abort();
            });
        let since = Instant::now();
        stderr::say(&format!("the process aborts ({why}): {because}"));
        Some(Self { since })
    }

    /// Tells what is left to tell, and aborts.
    pub(crate) fn now(self) -> ! {
        if fork::is_forked() {
            std::process::abort();
        }
        panic::flush_all();
        wait_for_others(LAST.saturating_sub(self.since.elapsed()));
        // The hooks of others are still at it when it is the reporter that tells a panic.
        panic::wait_for_hooks(LAST.saturating_sub(self.since.elapsed()));
        std::process::abort()
    }
}

/// Ends the process, whoever was first to say so.
pub(crate) fn end(why: Why, because: impl fmt::Display) -> ! {
    if let Some(ending) = Ending::new(why, because) {
        ending.now();
    }
    loop {
        thread::park();
    }
}
