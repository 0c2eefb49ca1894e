//! The thread that reports the panics which meet no frame of ours.
//!
//! The hook may not run code of others, so it hands its records over. Two kinds of them come here:
//!
//! 1. `ready`: no frame will see this panic (none is open on its thread, or the process is about
//!    to abort).
//! 2. `watched`: a frame should see it. If none has after [`PATIENCE`], somebody caught it
//!    inside a frame that goes on for long (a worker that runs its jobs under a `catch_unwind` of
//!    its own), or a destructor blocks the unwinding: it is reported from here, as `caught`. The time that hooks of
//!    others take before the unwinding begins does not count.
//!
//! When it is stuck in somebody's subscriber or handler, only so many wait for it. What is too much is written to stderr,
//! weighed and counted; handlers and subscribers do not hear of it.
//!
//! [`Record::claim`] decides between this thread and a frame, so nothing is told twice. The thread
//! is started by the first record and stays. Nothing that runs under the lock can panic.

use std::cell::Cell;
use std::collections::{BTreeMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::handler::{PanicKind, PanicReport};
use super::origin::Origin;
use super::record::Record;
use super::{hooks, payload, ring};
use crate::fork;

/// How long a panic may take to reach a frame before it is reported without one.
const PATIENCE: Duration = Duration::from_secs(1);

/// How long the hooks of others may take, which come first: some write and send a lot.
const PATIENCE_IN_HOOKS: Duration = Duration::from_secs(30);

/// How long a process that is about to end waits for its last reports.
const FLUSH: Duration = Duration::from_secs(1);

/// Records that wait for a reporter that is stuck in somebody's subscriber. What comes then goes to
/// stderr, and for a watched one the oldest does.
const WAITING: usize = 1024;

struct Job {
    report: PanicReport,
    /// When a watched record is given up on; `None` for a ready one.
    due: Option<Instant>,
    /// Until when hooks can put that off.
    at_last: Option<Instant>,
    origin: Origin,
}

struct Queue {
    ready: VecDeque<Job>,
    watched: VecDeque<Job>,
    /// Panics that have only been written to stderr, by the name that they are to be counted under: a hook does not run
    /// the code of a recorder.
    uncounted: BTreeMap<Option<String>, u64>,
    /// A report is being made.
    busy: bool,
    /// The thread has been started.
    running: bool,
}

static QUEUE: Mutex<Queue> = Mutex::new(Queue {
    ready: VecDeque::new(),
    watched: VecDeque::new(),
    uncounted: BTreeMap::new(),
    busy: false,
    running: false,
});
/// Something to do.
static WAKE: Condvar = Condvar::new();
/// Nothing left to do.
static IDLE: Condvar = Condvar::new();

thread_local! {
    static IS_REPORTER: Cell<bool> = const { Cell::new(false) };
}

fn queue() -> MutexGuard<'static, Queue> {
    QUEUE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether this is the reporter's thread. (It inherits the output of the test that happened to
/// start it.)
pub(crate) fn is_reporter() -> bool {
    IS_REPORTER.get()
}

/// Has a panic reported that no frame will see. For the hook: it runs no code of others.
pub(super) fn submit(report: PanicReport) {
    let job = Job {
        report,
        due: None,
        at_last: None,
        origin: Origin::held(),
    };
    let mut queue = queue();
    if queue.start() && queue.ready.len() < WAITING {
        queue.ready.push_back(job);
        drop(queue);
        WAKE.notify_one();
    } else {
        drop(queue);
        write_only(&job.report);
    }
}

/// Tells a panic for which there is no place: as much of it as a hook can.
fn write_only(report: &PanicReport) {
    if report.record().claim() {
        let name = report.name().map(str::to_owned);
        *queue().uncounted.entry(name).or_default() += 1;
        if let Some(hooks) = hooks::get() {
            (hooks.report_in_hook)(report);
        }
    }
}

/// Takes what could not be counted where it was told, by name. For whoever makes a report, outside of a hook.
pub(crate) fn take_uncounted() -> BTreeMap<Option<String>, u64> {
    std::mem::take(&mut queue().uncounted)
}

/// Has a panic reported if no frame does. For the hook.
pub(super) fn watch(record: Arc<Record>) {
    let now = Instant::now();
    let job = Job {
        report: PanicReport::new(record, PanicKind::Caught),
        due: Some(now + PATIENCE),
        at_last: Some(now + PATIENCE_IN_HOOKS),
        origin: Origin::watched(),
    };
    let mut queue = queue();
    // A frame looks for it, too, unless so many more panic in that frame that it cannot keep them all.
    if !queue.start() {
        return;
    }
    queue.forget_told();
    let idle = queue.watched.is_empty();
    if queue.watched.len() >= WAITING {
        // The first may be one that its frame has yet to meet, in front of a thousand that are told.
        queue.watched.retain(|job| !job.report.record().is_told());
    }
    let oldest = if queue.watched.len() < WAITING {
        None
    } else {
        queue.watched.pop_front()
    };
    queue.watched.push_back(job);
    drop(queue);
    if let Some(oldest) = oldest {
        write_only(&oldest.report);
    } else if idle {
        WAKE.notify_one();
    }
}

/// Forgets the reporter of the parent process, and the reports that the parent makes. `false` where a thread of the parent
/// holds the lock.
pub(super) fn forget_parent() -> bool {
    let Some(mut queue) = fork::lock(&QUEUE) else {
        return false;
    };
    let jobs = (
        std::mem::take(&mut queue.ready),
        std::mem::take(&mut queue.watched),
    );
    queue.uncounted.clear();
    (queue.busy, queue.running) = (false, false);
    drop(queue);
    // The last of a subscriber is code of others, which may wait for its threads.
    std::mem::forget(jobs);
    IS_REPORTER.set(false);
    true
}

/// Waits until what was handed over has been reported, at most a second.
pub(crate) fn flush() {
    if is_reporter() || fork::is_forked() {
        return;
    }
    let waited = IDLE.wait_timeout_while(queue(), FLUSH, |queue| queue.running && queue.has_work());
    drop(waited);
}

/// As [`flush`], with what frames have not dealt with yet: for the end of the process.
pub(crate) fn flush_all() {
    if fork::is_forked() {
        return;
    }
    let mut queue = queue();
    let now = Instant::now();
    for job in &mut queue.watched {
        job.due = Some(now);
        job.at_last = Some(now);
    }
    WAKE.notify_one();
    if is_reporter() {
        drop(queue);
        // Nobody else will.
        while let Some(job) = left() {
            job.make();
        }
        // A hook that waits for the reporter goes on to the hooks before it.
        self::queue().busy = false;
        IDLE.notify_all();
        return;
    }
    let waited = IDLE.wait_timeout_while(queue, FLUSH, |queue| {
        queue.forget_told();
        queue.running && (queue.has_work() || queue.has_due(now))
    });
    drop(waited);
}

/// What the reporter has to tell before the process ends on its own thread.
fn left() -> Option<Job> {
    let mut queue = queue();
    queue
        .ready
        .pop_front()
        .or_else(|| queue.watched.pop_front())
}

impl Queue {
    fn has_due(&self, now: Instant) -> bool {
        self.watched
            .front()
            .is_some_and(|job| job.due.is_some_and(|due| due <= now))
    }

    fn has_work(&self) -> bool {
        self.busy || !self.ready.is_empty()
    }

    /// Lets go of the watched records that a frame has dealt with, up to the first that none has.
    fn forget_told(&mut self) {
        while self
            .watched
            .front()
            .is_some_and(|job| job.report.record().is_told())
        {
            self.watched.pop_front();
        }
    }

    /// Sees to it that the thread runs; `false` when the system gives none.
    fn start(&mut self) -> bool {
        if !self.running {
            self.running = thread::Builder::new()
                .name("rejoin-report".to_owned())
                .spawn(run)
                .is_ok();
        }
        self.running
    }
}

fn run() {
    IS_REPORTER.set(true);
    loop {
        // Reports contain what they call; this is for what a subscriber does in its destructor.
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| next().make())) {
            payload::discard(panic);
        }
    }
}

impl Job {
    /// Whether the hooks of others still have the panic: no frame can have met it.
    fn is_put_off(&self) -> bool {
        !self.report.record().unwinds()
            && self.at_last.is_some_and(|at_last| Instant::now() < at_last)
    }

    fn make(self) {
        let Self {
            report,
            due,
            origin,
            ..
        } = self;
        if report.record().claim() {
            if due.is_some() {
                ring::put_unseen(Arc::clone(report.record()));
            }
            origin.reach(|| hooks::report(&report));
        }
    }
}

/// Waits for something to report.
fn next() -> Job {
    let mut queue = queue();
    queue.busy = false;
    loop {
        if let Some(job) = queue.ready.pop_front() {
            queue.busy = true;
            return job;
        }
        IDLE.notify_all();
        queue.forget_told();
        let Some(first) = queue.watched.front() else {
            queue = WAKE.wait(queue).unwrap_or_else(PoisonError::into_inner);
            continue;
        };
        let left = first.due.map_or(Duration::ZERO, |due| {
            due.saturating_duration_since(Instant::now())
        });
        if left.is_zero()
            && let Some(mut job) = queue.watched.pop_front()
        {
            if job.is_put_off() {
                job.due = Some(Instant::now() + PATIENCE);
                queue.watched.push_back(job);
                continue;
            }
            queue.busy = true;
            return job;
        }
        queue = WAKE
            .wait_timeout(queue, left)
            .unwrap_or_else(PoisonError::into_inner)
            .0;
    }
}
