//! What a shutdown tells of itself: nothing while all goes quickly.

use std::fmt::{self, Display};
use std::time::Duration;

use crate::escape::Time;
use crate::live::LiveTask;
use crate::report::{List, Tasks, emit};
use crate::shutdown::Reason;
use crate::site::Site;

/// So many are named in one line; the rest is counted.
const NAMED: usize = 10;

/// So many of those that are left have a line each.
const LINES: usize = 100;

/// The shutdown does not end at once.
pub(super) fn drains(reason: Reason, site: &'static Site, rest: Duration, alive: &[LiveTask]) {
    let because = Because(reason, site.name());
    let again = match reason {
        Reason::Signal(name) => format!(" ({name} again ends the process at once)"),
        Reason::Asked | Reason::Ended | Reason::Failed => String::new(),
    };
    let tasks = Tasks(alive.len());
    let text = format!(
        "{because}: waiting up to {} more for {tasks} to end{again}: {}",
        Time(rest),
        List(alive, NAMED)
    );
    let event = || {
        #[cfg(feature = "tracing")]
        tracing::info!(target: "rejoin", kind = "drains", alive = alive.len(), "{text}");
    };
    emit(event, || text.clone());
}

/// The grace is over.
pub(super) fn cancels(grace: Duration, alive: &[LiveTask]) {
    let tasks = Tasks(alive.len());
    let text = format!(
        "the grace of {} is over, {tasks} cancelled: {}",
        Time(grace),
        List(alive, NAMED)
    );
    let event = || {
        #[cfg(feature = "tracing")]
        tracing::warn!(target: "rejoin", kind = "cancels", alive = alive.len(), "{text}");
    };
    emit(event, || text.clone());
}

/// Tasks are left when the process exits.
pub(super) fn leaves(left: &[LiveTask]) {
    for task in left.iter().take(LINES) {
        let text = format!("left behind: {task}");
        let event = || {
            #[cfg(feature = "tracing")]
            tracing::error!(
                target: "rejoin",
                kind = "left",
                task = task.name(),
                path = task.path(),
                spawned_at = tracing::field::display(task.spawned_at()),
                age = tracing::field::debug(task.age()),
                task_kind = tracing::field::display(task.kind()),
                can_abort = task.kind().can_abort(),
                "{text}"
            );
        };
        emit(event, || text.clone());
    }
    let more = left.len().saturating_sub(LINES);
    if more > 0 {
        let text = format!("left behind: {more} more");
        let event = || {
            #[cfg(feature = "tracing")]
            tracing::error!(target: "rejoin", kind = "left", alive = more, "{text}");
        };
        emit(event, || text.clone());
    }
}

/// All tasks have ended, but the main thread does not come back from its runtime.
pub(super) fn held(site: &'static Site, waited: Duration) {
    let name = site.name();
    let text = format!(
        "`{name}` has ended, but for {} its runtime has not: a destructor blocks it",
        Time(waited)
    );
    let event = || {
        #[cfg(feature = "tracing")]
        tracing::error!(target: "rejoin", kind = "left", task = name, "{text}");
    };
    emit(event, || text.clone());
}

/// What a shutdown was asked for by.
struct Because(Reason, &'static str);

impl Display for Because {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Reason::Asked => f.write_str("shutdown requested"),
            Reason::Signal(name) => f.write_str(name),
            Reason::Ended => write!(f, "`{}` has returned", self.1),
            Reason::Failed => f.write_str("shutdown after a panic"),
        }
    }
}
