//! What the program itself has done about panics: handlers that see every report.

use std::backtrace::Backtrace;
use std::fmt;
use std::panic::Location;
use std::sync::{Arc, Mutex};

use super::local::reporting;
use super::record::{OneLine, PanicLocation, Record};
use crate::escape::Escaped;
use crate::fork;
use crate::site::{Site, SpawnedAt, TaskInfo};

/// How a panic ended, as far as it is known when it is reported.
///
/// It prints as the field `kind` of the events: `panic`, `caught`, `unowned`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PanicKind {
    /// It reached a function, a task or a group of rejoin's, which has it now.
    Guarded,
    /// It panicked inside one of those, and somebody else caught it on the way: a `catch_unwind` of
    /// the program or of a library.
    Caught,
    /// No function, task or group of rejoin's is around it to catch it: it panicked in a plain thread,
    /// in a task that no attribute has seen, in the program's own `main`, or in an annotated function
    /// that lets panics go on (`on_panic = "unwind"`) and was called from there. Other code may
    /// still catch it.
    Unowned,
}

impl PanicKind {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Guarded => "panic",
            Self::Caught => "caught",
            Self::Unowned => "unowned",
        }
    }
}

impl fmt::Display for PanicKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// What is known of a panic: what a handler set by [`on_panic`](crate::on_panic) is given.
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
        self.record.task().map(TaskInfo::name)
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

/// "task `a/b` (spawned at f.rs:3:4) panicked at f.rs:9:9: message"
impl fmt::Display for PanicReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(task) = self.task() {
            write!(
                f,
                "task `{}`{} ",
                Escaped(task),
                SpawnedAt(self.spawned_at())
            )?;
        }
        f.write_str("panicked")?;
        if let Some(request) = self.request() {
            write!(f, " in `{}`", Escaped(request))?;
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

static HANDLERS: Mutex<Vec<Handler>> = Mutex::new(Vec::new());

/// Calls `handler` with every panic from now on.
pub(crate) fn add_handler(handler: impl Fn(&PanicReport) + Send + Sync + 'static) {
    if let Some(mut handlers) = fork::lock(&HANDLERS) {
        handlers.push(Arc::new(handler));
    }
}

/// Whether no thread that is gone holds the lock.
pub(super) fn is_free() -> bool {
    fork::lock(&HANDLERS).is_some()
}

/// Hands a report to every handler. A panic in one is contained.
pub(crate) fn hand_over(report: &PanicReport) {
    // No lock is held while they run: a handler may set another.
    let handlers = fork::lock(&HANDLERS).map(|handlers| handlers.clone());
    for handler in handlers.into_iter().flatten() {
        reporting(|| handler(report));
    }
}
