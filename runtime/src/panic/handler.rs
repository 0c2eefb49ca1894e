//! What the program itself has done about panics: handlers that see every report.

use std::backtrace::Backtrace;
use std::fmt;
use std::panic::Location;
use std::sync::{Arc, PoisonError, RwLock};

use super::hook;
use super::local::reporting;
use super::record::{PanicLocation, Record};
use crate::site::Site;

/// How a panic ended, as far as it is known when it is reported.
///
/// It prints as the field `kind` of the events: `panic`, `caught`, `unguarded`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PanicKind {
    /// It reached a function, a task or a group of rejoin's, which has it now.
    Guarded,
    /// It panicked inside one of those, and somebody else caught it on the way: a `catch_unwind` of
    /// the program or of a library.
    Caught,
    /// It panicked outside of all of them: in a plain thread, a task that no attribute has seen, the
    /// program's own `main`.
    Unguarded,
}

impl PanicKind {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Guarded => "panic",
            Self::Caught => "caught",
            Self::Unguarded => "unguarded",
        }
    }
}

impl fmt::Display for PanicKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// What is known of a panic: what a handler set by [`on_panic`] is given.
///
/// It prints as the line that stderr shows. A clone is cheap, so a handler can send it elsewhere.
#[derive(Clone)]
pub struct PanicReport {
    record: Arc<Record>,
    kind: PanicKind,
}

impl PanicReport {
    pub(crate) fn new(record: Arc<Record>, kind: PanicKind) -> Self {
        Self { record, kind }
    }

    pub(super) fn record(&self) -> &Arc<Record> {
        &self.record
    }

    /// Who has the panic now: rejoin, somebody else, or nobody.
    #[must_use]
    pub const fn kind(&self) -> PanicKind {
        self.kind
    }

    /// What the panic said: the text given to `panic!`, or `Box<dyn Any>` for a payload that is not
    /// text.
    #[must_use]
    pub fn message(&self) -> &str {
        self.record.message()
    }

    /// Where it panicked, if our panic hook has seen it.
    #[must_use]
    pub fn location(&self) -> Option<&PanicLocation> {
        self.record.location()
    }

    /// The name of the thread that panicked.
    #[must_use]
    pub fn thread(&self) -> Option<&str> {
        self.record.thread()
    }

    /// The stack at the panic, if `RUST_BACKTRACE` or `RUST_LIB_BACKTRACE` asks for backtraces.
    #[must_use]
    pub fn backtrace(&self) -> Option<&Backtrace> {
        self.record.backtrace()
    }

    /// The path of the task that panicked, such as `serve/handle/fetch`: the names of the scopes
    /// around it, then its own.
    #[must_use]
    pub fn task(&self) -> Option<&str> {
        self.record.task().map(|task| task.path.as_str())
    }

    /// The task's own name, the last of its path. There are only as many as the source has, so it
    /// can be the label of a metric.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.record.task().map(crate::context::TaskInfo::name)
    }

    /// The request that was being served, such as `GET /users/{id}`, where a layer of rejoin's is around the service: in its
    /// handler, and in the tasks of the handler's groups.
    #[must_use]
    pub fn request(&self) -> Option<&str> {
        self.record.request()
    }

    /// Where the task that panicked was spawned.
    #[must_use]
    pub fn spawned_at(&self) -> Option<&'static Location<'static>> {
        self.record.task()?.site.map(Site::location)
    }
}

impl fmt::Debug for PanicReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PanicReport")
            .field("kind", &self.kind)
            .field("message", &self.message())
            .field("location", &self.location().map(ToString::to_string))
            .field("task", &self.task())
            .field("spawned_at", &self.spawned_at().map(ToString::to_string))
            .field("request", &self.request())
            .field("thread", &self.thread())
            .field("backtrace", &self.backtrace())
            .finish_non_exhaustive()
    }
}

type Handler = Arc<dyn Fn(&PanicReport) + Send + Sync>;

static HANDLERS: RwLock<Vec<Handler>> = RwLock::new(Vec::new());

/// Calls `handler` with every panic of the process from now on, once each: of annotated code, of
/// libraries that nobody annotated, of plain threads and of raw tokio tasks. Node's
/// `uncaughtException`, for tasks.
///
/// Handlers add up: each is called, in the order in which they were set, and stays for as long as the
/// process lives. Set it at the start of `main`. A library sets none; it would speak for the whole
/// program.
///
/// ```
/// rejoin::on_panic(|report| {
///     // To the pager, to the crash monitor, to a counter of your own.
///     eprintln!("{}: {report}", report.name().unwrap_or("somewhere"));
/// });
///
/// let answer = rejoin::catch_sync(|| "7x".parse::<u32>().unwrap());
/// assert!(answer.is_err());
/// ```
///
/// # When and where it runs
///
/// Not inside the panic hook, where a second panic would end the process. A panic that reaches rejoin
/// is handed over there and then, on its own thread, before the panic becomes an error or an
/// answer. What nobody of rejoin's catches is handed over by a thread of rejoin's, soon after: there
/// is no tokio runtime around it. So a handler is quick and does not wait: what takes long it sends
/// to a task or a thread. While it blocks, so does what called it; of the panics that only that thread
/// can tell, 1024 wait for it. What comes then is written to stderr, and counted by the metrics and by
/// the policy, but neither handlers nor subscribers hear of it.
///
/// It comes after the `tracing` event and the metrics, and before the [policy](crate::PanicPolicy)
/// does what it says. If that is to abort, all handlers together have one second: enough to flush
/// what a crash monitor or a log writer has in its buffer.
///
/// # What it does not see
///
/// - What panicked before it was set.
/// - What panics after somebody has replaced the panic hook by one that does not call the previous one,
///   as color-eyre's does. rejoin puts its own in front of that one, which is still called, when this
///   function is called, when the body of `#[rejoin::main]` first waits, and when it meets a panic
///   that it has not seen. So install such hooks first of all in `main`.
/// - A panic in a handler, or in the subscriber of an event. It is contained, the panic hooks of others
///   see it, and the next handler is called.
/// - A payload raised by [`resume_unwind`](std::panic::resume_unwind), which calls no hook, if no
///   code of rejoin's catches it.
/// - The last moments: when `main` returns, the process does not wait. [`flush_reports`] does, and so
///   do a policy that aborts and a panic of the main thread.
pub fn on_panic(handler: impl Fn(&PanicReport) + Send + Sync + 'static) {
    hook::again();
    HANDLERS
        .write()
        .unwrap_or_else(PoisonError::into_inner)
        .push(Arc::new(handler));
}

/// Hands a report to every handler. A panic in one is contained.
pub(crate) fn hand_over(report: &PanicReport) {
    // No lock is held while they run: a handler may set another.
    let handlers = HANDLERS
        .read()
        .unwrap_or_else(PoisonError::into_inner)
        .clone();
    for handler in handlers {
        reporting(|| handler(report));
    }
}

/// Waits until the panics of so far that only the thread of rejoin's can tell have been reported, at
/// most one second.
///
/// For the end of a `main` of one's own: the other panics are reported where they are caught. It
/// blocks the thread, and does nothing when that thread itself calls it from a handler.
///
/// ```
/// rejoin::on_panic(|report| eprintln!("{report}"));
/// std::thread::spawn(|| panic!("out of paper")).join().unwrap_err();
/// rejoin::flush_reports();
/// ```
pub fn flush_reports() {
    crate::report::flush();
}
