//! What is known about one panic, and how it is told apart from others.

use std::any::{Any, TypeId};
use std::backtrace::{Backtrace, BacktraceStatus};
use std::fmt;
use std::panic::PanicHookInfo;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread;

use super::{hooks, local};
use crate::escape::Escaped;
use crate::fork;
use crate::site::{Place, Site, TaskInfo};

/// The place in the source where a panic was raised.
///
/// It prints as `src/handlers.rs:12:5`, as in the compiler's messages. (`std::panic::Location`
/// borrows from the panic and cannot outlive it.)
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PanicLocation {
    file: Box<str>,
    line: u32,
    column: u32,
}

impl PanicLocation {
    /// The source file, as the compiler was given it.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The line, counted from 1.
    #[must_use]
    pub fn line(&self) -> u32 {
        self.line
    }

    /// The column, counted from 1.
    #[must_use]
    pub fn column(&self) -> u32 {
        self.column
    }
}

impl fmt::Display for PanicLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// Stands for a payload that is not text; std's own hook says the same.
const NOT_TEXT: &str = "Box<dyn Any>";

/// The text of a payload: what `panic!` puts into it, or a neutral stand-in.
fn text(payload: &(dyn Any + Send)) -> &str {
    if let Some(text) = payload.downcast_ref::<&'static str>() {
        text
    } else if let Some(text) = payload.downcast_ref::<String>() {
        text
    } else {
        NOT_TEXT
    }
}

/// By what a payload that has been caught is recognised.
pub(super) struct Key {
    /// The address of the box's content. It survives every move of the box: into a `JoinError`,
    /// across a thread's join.
    pub(super) address: usize,
    pub(super) payload_type: TypeId,
    pub(super) message: String,
}

impl Key {
    pub(super) fn of(payload: &(dyn Any + Send)) -> Self {
        Self {
            address: std::ptr::from_ref(payload).cast::<()>().addr(),
            payload_type: (*payload).type_id(),
            message: text(payload).to_owned(),
        }
    }
}

/// What the hook saw of one panic. Shared by the thread that panicked, the reporter and the error;
/// only the two flags and what has counted it ever change.
pub(crate) struct Record {
    told: AtomicBool,
    /// The hooks are through with it, ours and those before it: from then on it unwinds.
    unwinds: AtomicBool,
    /// Counts the records of one thread; frames compare it with their start.
    pub(super) sequence: u64,
    payload_type: TypeId,
    message: String,
    location: Option<PanicLocation>,
    thread: Option<String>,
    backtrace: Backtrace,
    /// Set once: by the hook, or by a frame that has a name, before the record is claimed.
    task: OnceLock<TaskInfo>,
    request: Option<String>,
    /// The places whose policies have counted it.
    counted: Mutex<Vec<Place>>,
    /// The tokio task that was being polled, annotated or not.
    pub(super) tokio_task: Option<tokio::task::Id>,
}

impl Record {
    /// Takes down what the hook is told.
    pub(super) fn capture(info: &PanicHookInfo<'_>, sequence: u64) -> Self {
        let payload = info.payload();
        Self {
            told: AtomicBool::new(false),
            unwinds: AtomicBool::new(false),
            sequence,
            payload_type: (*payload).type_id(),
            message: text(payload).to_owned(),
            location: info.location().map(|location| PanicLocation {
                file: location.file().into(),
                line: location.line(),
                column: location.column(),
            }),
            thread: thread_name(),
            // Under a lock of std's.
            backtrace: if fork::is_forked() {
                Backtrace::disabled()
            } else {
                Backtrace::capture()
            },
            task: current_task(),
            request: current_request(),
            counted: Mutex::new(Vec::new()),
            tokio_task: tokio::task::try_id(),
        }
    }

    /// Names what panicked, where no task of ours did.
    pub(super) fn name_task(&self, function: &'static Site) {
        self.task.get_or_init(|| TaskInfo {
            path: function.name().to_owned(),
            site: None,
        });
    }

    /// What is left to say when the hook did not see the panic: it was replaced, or the payload was
    /// raised by `resume_unwind`.
    pub(super) fn from_payload(key: &Key) -> Self {
        Self {
            told: AtomicBool::new(false),
            unwinds: AtomicBool::new(false),
            sequence: 0,
            payload_type: key.payload_type,
            message: key.message.clone(),
            location: None,
            thread: thread_name(),
            // The stack of the panic is gone, and the one of here would mislead.
            backtrace: Backtrace::disabled(),
            task: current_task(),
            request: current_request(),
            counted: Mutex::new(Vec::new()),
            tokio_task: tokio::task::try_id(),
        }
    }

    /// Whether this can be the panic that a payload comes from. Its address says nothing here: the
    /// payload is boxed after the hook ran.
    pub(super) fn matches(&self, key: &Key) -> bool {
        self.payload_type == key.payload_type && self.message == key.message
    }

    /// Gives the right to report this panic, to one caller only.
    pub(super) fn claim(&self) -> bool {
        !self.told.swap(true, Ordering::AcqRel)
    }

    /// Counts it at a place: `false` where it was counted before.
    pub(super) fn counts_at(&self, place: Place) -> bool {
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = !counted.contains(&place);
        if is_new {
            counted.push(place);
        }
        is_new
    }

    /// Says that the hooks are through with it.
    pub(super) fn unwind(&self) {
        self.unwinds.store(true, Ordering::Release);
    }

    pub(super) fn unwinds(&self) -> bool {
        self.unwinds.load(Ordering::Acquire)
    }

    pub(super) fn is_told(&self) -> bool {
        self.told.load(Ordering::Acquire)
    }

    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    pub(crate) fn location(&self) -> Option<&PanicLocation> {
        self.location.as_ref()
    }

    pub(crate) fn thread(&self) -> Option<&str> {
        self.thread.as_deref()
    }

    pub(crate) fn task(&self) -> Option<&TaskInfo> {
        self.task.get()
    }

    pub(crate) fn request(&self) -> Option<&str> {
        self.request.as_deref()
    }

    pub(crate) fn backtrace(&self) -> Option<&Backtrace> {
        (self.backtrace.status() == BacktraceStatus::Captured).then_some(&self.backtrace)
    }
}

/// "task `a/b` panicked at src/x.rs:3:4: message", on one line, with what is known.
impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(task) = self.task() {
            write!(f, "task `{}` ", Escaped(&task.path))?;
        }
        f.write_str("panicked")?;
        if let Some(request) = self.request() {
            write!(f, " in `{}`", Escaped(request))?;
        }
        if let Some(location) = &self.location {
            write!(f, " at {location}")?;
        }
        write!(f, ": {}", OneLine(&self.message))
    }
}

/// Text with its line breaks, and the indentation after them, turned into single spaces:
/// `assert_eq!` writes three lines. It may have words of strangers in it.
pub(crate) struct OneLine<'a>(pub(crate) &'a str);

impl fmt::Display for OneLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines = self
            .0
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty());
        Escaped(lines.next().unwrap_or_default()).fmt(f)?;
        lines.try_for_each(|line| write!(f, " {}", Escaped(line)))
    }
}

fn current_task() -> OnceLock<TaskInfo> {
    let task = hooks::get().and_then(|hooks| (hooks.task)());
    task.map_or_else(OnceLock::new, OnceLock::from)
}

/// The request that is being served here, or for which the scope around was opened.
fn current_request() -> Option<String> {
    hooks::get().and_then(|hooks| (hooks.request)())
}

/// Not while the thread's locals are being destroyed: then std panics instead of telling.
fn thread_name() -> Option<String> {
    if !local::is_alive() {
        return None;
    }
    thread::current().name().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_of_several_lines_is_shown_on_one() {
        let text = "assertion `left == right` failed\n  left: 1\n right: 2\n";
        assert_eq!(
            OneLine(text).to_string(),
            "assertion `left == right` failed left: 1 right: 2"
        );
        assert_eq!(OneLine("").to_string(), "");
        // What a client has sent.
        let forged = "no user \u{1b}[2J\rrejoin: all is well";
        assert_eq!(
            OneLine(forged).to_string(),
            "no user \\u{1b}[2J\\rrejoin: all is well"
        );
    }

    #[test]
    fn only_text_gives_a_message() {
        assert_eq!(text(&"literal"), "literal");
        assert_eq!(text(&String::from("formatted")), "formatted");
        assert_eq!(text(&7_u32), NOT_TEXT);
    }

    #[test]
    fn payloads_of_different_types_are_told_apart_even_without_text() {
        let key = Key::of(&1_u8);
        let record = Record::from_payload(&key);
        assert!(record.matches(&key));
        assert!(!record.matches(&Key::of(&1_u16)));
    }

    #[test]
    fn one_caller_only_may_report() {
        let record = Record::from_payload(&Key::of(&"x"));
        assert!(!record.is_told());
        assert!(record.claim());
        assert!(!record.claim());
    }
}
