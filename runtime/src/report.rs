//! Reports: what the outside learns of panics, lost errors and tasks that do not end.
//!
//! A `tracing` event with the target `rejoin` where somebody listens, else a line on stderr. A
//! report never panics: what a subscriber does is contained, and then the line is written after
//! all.

use std::fmt::Display;
use std::panic::Location;
use std::time::Duration;

use crate::escape::{Escaped, Time};
use crate::panic::{
    CATCHES_PANICS, OneLine, PanicReport, hand_over, is_reporter, reporting, take_uncounted,
};
use crate::policy::{self, Telling};
use crate::site::{Site, SpawnedAt, TaskInfo};
use crate::{fork, metrics, stderr};

/// A panic, once its report has been claimed: the event, the count, the program's handlers, and what the policy makes of
/// it.
pub(crate) fn tell(report: &PanicReport) {
    let _telling = Telling::begin();
    // First, since what follows may hang.
    let ending = policy::weigh(report);
    emit(|| event(report), || report.to_string());
    reporting(|| metrics::panicked(report.name(), 1));
    count_rest();
    hand_over(report);
    if let Some(ending) = ending {
        ending.now();
    }
}

/// As much of [`tell`] as the panic hook or a forked process can do: a line, and what the policy makes of it.
pub(crate) fn tell_in_hook(report: &PanicReport) {
    stderr::say(&report.to_string());
    let ending = policy::weigh(report);
    if fork::is_forked()
        && let Some(ending) = ending
    {
        ending.now();
    }
    // The hook cannot wait for the end, which comes in a second without that.
}

/// Counts what could not be counted in the hook, where no code of a recorder runs.
pub(crate) fn count_rest() {
    for (name, count) in take_uncounted() {
        reporting(|| metrics::panicked(name.as_deref(), count));
    }
}

/// An error that nobody takes.
pub(crate) fn error(task: &TaskInfo, message: &str) {
    let spawned_at = task.site.map(Site::location);
    let event = || {
        #[cfg(feature = "tracing")]
        tracing::error!(
            target: "rejoin",
            kind = "error",
            task = task.name(),
            path = task.path,
            spawned_at = spawned_at.map(tracing::field::display),
            "{message}"
        );
    };
    emit(event, || {
        format!(
            "task `{}`{} failed: {}",
            task.path,
            SpawnedAt(spawned_at),
            OneLine(message)
        )
    });
}

/// A task that was spawned into a cancelled scope, and so never begins.
pub(crate) fn refused(path: &str, spawned_at: &'static Location<'static>, scope: &str) {
    let scope = if scope.is_empty() { "root" } else { scope };
    let text = format!(
        "is not started, because `{scope}` is cancelled: what has to run all the same, such as a rollback, is for \
         `rejoin::shield` (said once for each place)"
    );
    let event = || {
        #[cfg(feature = "tracing")]
        tracing::warn!(
            target: "rejoin",
            kind = "refused",
            task = crate::site::last_name(path),
            path = path,
            spawned_at = tracing::field::display(spawned_at),
            "{text}"
        );
    };
    emit(event, || {
        format!("task `{path}`{} {text}", SpawnedAt(Some(spawned_at)))
    });
}

/// A scope that has waited long for its last tasks.
pub(crate) fn stuck(scope: &str, waited: Duration, alive: &[impl Display]) {
    let tasks = Tasks(alive.len());
    let text = format!(
        "has waited {} for {tasks} to end: {}",
        Time(waited),
        List(alive, NAMED)
    );
    let event = || {
        #[cfg(feature = "tracing")]
        tracing::error!(
            target: "rejoin",
            kind = "stuck",
            task = crate::site::last_name(scope),
            path = scope,
            alive = alive.len(),
            "{text}"
        );
    };
    emit(event, || format!("`{scope}` {text}"));
}

fn event(report: &PanicReport) {
    #[cfg(feature = "tracing")]
    tracing::error!(
        target: "rejoin",
        kind = report.kind().name(),
        task = report.name(),
        path = report.task(),
        spawned_at = report.spawned_at().map(tracing::field::display),
        request = report.request(),
        location = report.location().map(tracing::field::display),
        thread = report.thread(),
        backtrace = report.backtrace().map(tracing::field::display),
        "{}", report.message()
    );
    #[cfg(not(feature = "tracing"))]
    let _ = report;
}

/// Makes an event where one is listened to, and writes a line otherwise.
pub(crate) fn emit(event: impl FnOnce(), line: impl FnOnce() -> String) {
    if fork::is_forked() {
        // The thread that a subscriber's writer has may be gone.
        return stderr::say(&line());
    }
    let told = reporting(|| {
        let heard = subscribed();
        if heard {
            event();
        }
        heard
    });
    if told != Some(true) {
        print(&line());
    }
}

/// Whether an event on this thread would reach anybody. Not inside a subscriber: `tracing` shields
/// those from their own events.
#[cfg(feature = "tracing")]
fn subscribed() -> bool {
    use tracing::dispatcher;
    use tracing::subscriber::NoSubscriber;

    dispatcher::has_been_set() && dispatcher::get_default(|dispatch| !dispatch.is::<NoSubscriber>())
}

#[cfg(not(feature = "tracing"))]
fn subscribed() -> bool {
    false
}

/// A line where the output of a test is collected, else on stderr.
fn print(line: &str) {
    // `eprint!` panics when stderr is gone. That is contained, where anything can be; what is left then is the plain way.
    let whole = format!("rejoin: {}", Escaped(line));
    let printed = CATCHES_PANICS && !is_reporter() && reporting(|| eprintln!("{whole}")).is_some();
    if !printed {
        stderr::say(line);
    }
}

/// "1 task is still alive: …"
pub(crate) struct Alive<'a, T>(pub(crate) &'a [T]);

impl<T: Display> Display for Alive<'_, T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self(alive) = self;
        let are = match alive.len() {
            0 => {
                return f
                    .write_str("no task of it is alive, but its owner does not come to join it");
            }
            1 => "is",
            _ => "are",
        };
        write!(
            f,
            "{} {are} still alive: {}",
            Tasks(alive.len()),
            List(alive, NAMED)
        )
    }
}

/// So many are named in one report; the rest is counted.
const NAMED: usize = 100;

/// "task `a` …; task `b` …; and 7 more", with as many as one wants to see.
pub(crate) struct List<'a, T>(pub(crate) &'a [T], pub(crate) usize);

impl<T: Display> Display for List<'_, T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self(tasks, most) = self;
        for (index, task) in tasks.iter().take(*most).enumerate() {
            f.write_str(if index == 0 { "" } else { "; " })?;
            task.fmt(f)?;
        }
        match tasks.len().saturating_sub(*most) {
            0 => Ok(()),
            more => write!(f, "; and {more} more"),
        }
    }
}

/// "1 task", "2 tasks"
pub(crate) struct Tasks(pub(crate) usize);

impl Display for Tasks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} task{}", self.0, if self.0 == 1 { "" } else { "s" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panic::{PanicKind, frame};

    #[test]
    fn a_line_says_what_is_known() {
        let line = |kind| {
            let panic =
                frame(|| std::panic::resume_unwind(Box::new("over\n two lines"))).unwrap_err();
            PanicReport::new(std::sync::Arc::clone(panic.record()), kind).to_string()
        };
        assert_eq!(line(PanicKind::Guarded), "panicked: over two lines");
        assert_eq!(
            line(PanicKind::Unowned),
            "panicked (unowned): over two lines"
        );
    }

    #[test]
    fn of_very_many_the_first_are_named() {
        let all: Vec<_> = (0..100_000).collect();
        assert_eq!(List(&all[..2], 2).to_string(), "0; 1");
        assert_eq!(List(&all, 2).to_string(), "0; 1; and 99998 more");
        let text = Alive(&all).to_string();
        assert!(text.starts_with("100000 tasks are still alive: 0; 1; "));
        assert!(text.ends_with("; 99; and 99900 more"), "{text}");
    }

    #[test]
    fn tasks_are_counted_in_words() {
        assert_eq!(Tasks(1).to_string(), "1 task");
        assert_eq!(Tasks(2).to_string(), "2 tasks");
    }
}
