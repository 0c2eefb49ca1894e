//! Reports: what the outside learns of panics, lost errors and tasks that do not end.
//!
//! A `tracing` event with the target `rejoin` where somebody listens, else a line on stderr. A
//! report never panics: what a subscriber does is contained, and then the line is written after
//! all.

use std::cell::Cell;
use std::fmt::Display;
use std::io::Write;
use std::panic::Location;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::context::TaskInfo;
use crate::metrics;
use crate::panic::{
    CATCHES_PANICS, OneLine, PanicKind, PanicReport, count_rest, hand_over, is_reporter, reporting,
};
use crate::policy;
use crate::shown::{Shown, Time};
use crate::site::Site;

pub(crate) use crate::panic::flush;

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

/// Held by a thread while it tells a panic, and whatever panics in that.
struct Telling;

impl Telling {
    fn begin() -> Option<Self> {
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
pub(crate) fn wait_for_others(most: Duration) {
    let own = usize::from(TELLS.get());
    let waited = TOLD.wait_timeout_while(telling(), most, |telling| *telling > own);
    drop(waited);
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
            task = crate::context::last(path),
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
            task = crate::context::last(scope),
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
    let told = reporting(|| {
        let heard = subscribed();
        if heard {
            event();
        }
        heard
    });
    if told != Some(true) {
        write(&line());
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

/// Reports a panic on stderr, whoever listens: for the hook, where no code of others may run.
pub(crate) fn line(report: &PanicReport) {
    say(&report.to_string());
}

/// A line on stderr, whoever listens: where no code of others may run, and where the process may end.
pub(crate) fn say(line: &str) {
    let line = format!("rejoin: {}\n", Shown(line));
    let _ = std::io::stderr().write_all(line.as_bytes());
}

/// In one piece, so that lines of several threads do not mix.
fn write(line: &str) {
    let line = format!("rejoin: {}\n", Shown(line));
    // `eprint!` goes where the output of a test is collected, and panics when stderr is gone. That
    // is contained, where anything can be; what is left then is the plain way.
    let printed = CATCHES_PANICS && !is_reporter() && reporting(|| eprint!("{line}")).is_some();
    if !printed {
        let _ = std::io::stderr().write_all(line.as_bytes());
    }
}

/// "task `a/b` (spawned at f.rs:3:4) panicked at f.rs:9:9: message"
impl Display for PanicReport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(task) = self.task() {
            write!(f, "task `{}`{} ", Shown(task), SpawnedAt(self.spawned_at()))?;
        }
        f.write_str("panicked")?;
        if let Some(request) = self.request() {
            write!(f, " in `{}`", Shown(request))?;
        }
        if let Some(location) = self.location() {
            write!(f, " at {location}")?;
        }
        if self.kind() != PanicKind::Guarded {
            write!(f, " ({})", self.kind())?;
        }
        write!(f, ": {}", OneLine(self.message()))
    }
}

/// " (spawned at f.rs:3:4)", or nothing.
struct SpawnedAt(Option<&'static std::panic::Location<'static>>);

impl Display for SpawnedAt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0
            .map_or(Ok(()), |location| write!(f, " (spawned at {location})"))
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

/// The subscriber of the thread that panicked, for when the report is made on another one.
pub(crate) struct Origin {
    #[cfg(feature = "tracing")]
    dispatch: Dispatch,
}

#[cfg(feature = "tracing")]
enum Dispatch {
    Held(tracing::Dispatch),
    Watched(tracing::dispatcher::WeakDispatch),
}

// Both ways to make one are for the hook: no code of a subscriber runs.
impl Origin {
    /// Keeps the subscriber until the report is made, which is at once.
    pub(crate) fn held() -> Self {
        Self {
            #[cfg(feature = "tracing")]
            dispatch: Dispatch::Held(tracing::dispatcher::get_default(Clone::clone)),
        }
    }

    /// Does not: the report is made later, if at all, and subscribers often write when they go.
    pub(crate) fn watched() -> Self {
        Self {
            #[cfg(feature = "tracing")]
            dispatch: Dispatch::Watched(tracing::dispatcher::get_default(
                tracing::Dispatch::downgrade,
            )),
        }
    }

    /// Makes a report reach the subscriber it would have reached there, if that was one set for the
    /// thread alone.
    pub(crate) fn reach(self, report: impl FnOnce()) {
        #[cfg(feature = "tracing")]
        {
            let dispatch = match self.dispatch {
                Dispatch::Held(dispatch) => Some(dispatch),
                Dispatch::Watched(dispatch) => dispatch.upgrade(),
            };
            if let Some(dispatch) =
                dispatch.filter(|dispatch| !dispatch.is::<tracing::subscriber::NoSubscriber>())
            {
                return tracing::dispatcher::with_default(&dispatch, report);
            }
        }
        #[cfg(not(feature = "tracing"))]
        let Self {} = self;
        report();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panic::frame;

    #[test]
    fn a_line_says_what_is_known() {
        let line = |kind| {
            let panic =
                frame(|| std::panic::resume_unwind(Box::new("over\n two lines"))).unwrap_err();
            PanicReport::new(std::sync::Arc::clone(panic.record()), kind).to_string()
        };
        assert_eq!(line(PanicKind::Guarded), "panicked: over two lines");
        assert_eq!(
            line(PanicKind::Unguarded),
            "panicked (unguarded): over two lines"
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
