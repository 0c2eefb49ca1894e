//! `PanicError`: a caught panic as a value.

use std::any::Any;
use std::backtrace::Backtrace;
use std::error::Error;
use std::fmt;
use std::io;
use std::panic::{self, Location, RefUnwindSafe, UnwindSafe};
use std::sync::{Arc, OnceLock};

use tokio::task::{Id, JoinError};

use super::deliberate::DeliberateAbort;
use super::payload::Payload;
use super::record::{Key, PanicLocation, Record};
use super::ring;
use crate::site::Site;

/// A panic that was caught: what it said, where, in which task, and the value it was raised with.
///
/// It has been reported by the time you hold it (see the [crate documentation](crate)), so there is
/// no need to log it again. It is an ordinary error: `?` turns it into `Box<dyn Error + Send +
/// Sync>`, `anyhow::Error` or [`std::io::Error`], and into your own type by `From<PanicError>`.
///
/// ```
/// let panic = rejoin::catch_sync(|| {
///     let shelf: Vec<&str> = Vec::new();
///     shelf[3].len()
/// })
/// .unwrap_err();
///
/// assert_eq!(panic.message(), "index out of bounds: the len is 0 but the index is 3");
/// assert!(panic.location().is_some());
/// ```
///
/// The place and the backtrace come from a panic hook. Of the first panic after the program has
/// replaced that hook, by one that does not call the previous one, they are missing; so they are
/// for a payload that was raised with [`std::panic::resume_unwind`] by somebody else.
///
/// # What a client may see of it
///
/// Its `Display` and its `Debug` are for the log: they contain the place in the source, the name of the task and the message,
/// in which there may be anything. A handler that sends its errors to clients, as by `error.to_string()` in a response, should
/// not send this one. The conversions into responses do not: those of the features `http` and `axum` are an empty 500, that of
/// `tonic` is `Internal` with the text "internal error", and neither has anything of the panic in it.
///
/// ```
/// use rejoin::PanicError;
///
/// enum AppError {
///     NotFound(String),
///     Panic(PanicError),
/// }
///
/// impl From<PanicError> for AppError {
///     fn from(panic: PanicError) -> Self {
///         Self::Panic(panic)
///     }
/// }
///
/// impl AppError {
///     /// What a client is told. The panic is in the log already.
///     fn to_client(&self) -> &str {
///         match self {
///             Self::NotFound(what) => what,
///             Self::Panic(_) => "internal error",
///         }
///     }
/// }
///
/// let error = AppError::from(rejoin::catch_sync(|| panic!("no table `users`")).unwrap_err());
/// assert_eq!(error.to_client(), "internal error");
/// assert_eq!(AppError::NotFound("no such page".to_owned()).to_client(), "no such page");
/// ```
#[must_use = "it is the only owner of the panic; `resume` it, or turn it into an error or an answer"]
pub struct PanicError {
    inner: Box<Inner>,
}

struct Inner {
    record: Arc<Record>,
    payload: Payload,
    /// The tokio task that the panic leaves by, when that is known.
    task: OnceLock<Id>,
}

// A payload can be observed half-changed only through `payload_mut` in a closure that itself
// panics, and then it is still just a value.
impl UnwindSafe for PanicError {}
impl RefUnwindSafe for PanicError {}

impl PanicError {
    pub(super) fn new(record: Arc<Record>, payload: Box<dyn Any + Send>) -> Self {
        Self {
            inner: Box::new(Inner {
                record,
                payload: Payload::new(payload),
                task: OnceLock::new(),
            }),
        }
    }

    /// What the panic said: the text given to `panic!`, or `Box<dyn Any>` for a payload that is not
    /// text.
    #[must_use]
    pub fn message(&self) -> &str {
        self.inner.record.message()
    }

    /// Where it panicked, if our panic hook has seen it.
    #[must_use]
    pub fn location(&self) -> Option<&PanicLocation> {
        self.inner.record.location()
    }

    /// The stack at the panic, if `RUST_BACKTRACE` or `RUST_LIB_BACKTRACE` asks for backtraces.
    #[must_use]
    pub fn backtrace(&self) -> Option<&Backtrace> {
        self.inner.record.backtrace()
    }

    /// The path of the task that panicked, such as `serve/handle/fetch`: the names of the scopes
    /// around it, then its own.
    #[must_use]
    pub fn task(&self) -> Option<&str> {
        self.inner.record.task().map(|task| task.path.as_str())
    }

    /// Where the task that panicked was spawned.
    #[must_use]
    pub fn spawned_at(&self) -> Option<&'static Location<'static>> {
        self.inner.record.task()?.site.map(Site::location)
    }

    /// The request that was being served, such as `GET /users/{id}`, where a layer of rejoin's is around the service: in its
    /// handler, and in the tasks of the handler's groups.
    #[must_use]
    pub fn request(&self) -> Option<&str> {
        self.inner.record.request()
    }

    /// The name of the thread that panicked.
    #[must_use]
    pub fn thread(&self) -> Option<&str> {
        self.inner.record.thread()
    }

    /// The payload, if it is a `T`.
    ///
    /// `T` has to be `Sync`, since errors are shared between threads and payloads need not be;
    /// [`payload_mut`](Self::payload_mut) and [`into_payload`](Self::into_payload) have no such
    /// bound.
    ///
    /// ```
    /// #[derive(Debug, PartialEq)]
    /// struct OutOfPaper(u32);
    ///
    /// let panic = rejoin::catch_sync(|| std::panic::panic_any(OutOfPaper(3))).unwrap_err();
    /// assert_eq!(panic.downcast_ref(), Some(&OutOfPaper(3)));
    /// ```
    #[must_use]
    pub fn downcast_ref<T: Any + Sync>(&self) -> Option<&T> {
        self.inner.payload.downcast_ref()
    }

    /// The payload, to look at or to change.
    #[must_use]
    pub fn payload_mut(&mut self) -> &mut (dyn Any + Send) {
        self.inner.payload.get_mut()
    }

    /// The payload itself, as [`std::panic::catch_unwind`] would have given it.
    ///
    /// If it is resumed later, the panic is recognised and not reported again. Dropping a payload
    /// can panic; dropping a `PanicError` cannot.
    #[must_use = "the payload is what is left of the panic"]
    pub fn into_payload(self) -> Box<dyn Any + Send> {
        let is_deliberate = self.is_deliberate();
        let Inner {
            record,
            payload,
            task,
        } = *self.inner;
        let payload = payload.into_inner();
        if is_deliberate {
            // Nothing is known of it, and a server may raise many.
            return payload;
        }
        let task = task.into_inner().or(record.tokio_task);
        ring::put(Key::of(&*payload), task, record);
        payload
    }

    /// Goes on unwinding with the original payload.
    ///
    /// The panic hook is not called again, and whoever of us catches it next knows where it came
    /// from: it is not reported again.
    ///
    /// # Panics
    ///
    /// Always; that is what it is for.
    pub fn resume(self) -> ! {
        panic::resume_unwind(self.into_payload())
    }

    /// Takes a panic out of the error of a tokio task.
    ///
    /// The place, the backtrace and the task are found again for the last 256 panics, also of tasks
    /// that nobody annotated, provided our panic hook was in place: it is from the first use of
    /// this crate on.
    ///
    /// ```
    /// use rejoin::PanicError;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let worker = tokio::spawn(async { panic!("out of paper") });
    /// let error = worker.await.unwrap_err();
    ///
    /// match PanicError::from_join_error(error) {
    ///     Ok(panic) => assert_eq!(panic.message(), "out of paper"),
    ///     Err(cancelled) => assert!(cancelled.is_cancelled()),
    /// }
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The error is handed back if the task was cancelled and did not panic.
    pub fn from_join_error(error: JoinError) -> Result<Self, JoinError> {
        let id = error.id();
        let payload = error.try_into_panic()?;
        let key = Key::of(&*payload);
        let record =
            ring::take_from_task(id, &key).unwrap_or_else(|| Arc::new(Record::from_payload(&key)));
        let panic = Self::new(record, payload);
        panic.remember(id);
        Ok(panic)
    }

    /// Whether this panic is new at this place: each place counts it once.
    pub(crate) fn counts_at(&self, site: &'static Site) -> bool {
        self.inner.record.counts_at(site.place())
    }

    #[cfg(test)]
    pub(crate) fn record(&self) -> &Arc<Record> {
        &self.inner.record
    }

    /// Whether this is no panic at all, but a deliberate abort.
    pub(crate) fn is_deliberate(&self) -> bool {
        self.downcast_ref::<DeliberateAbort>().is_some()
    }

    /// Notes the tokio task by which the panic is about to leave, so that
    /// [`from_join_error`](Self::from_join_error) finds it.
    pub(crate) fn remember(&self, id: Id) {
        let _ = self.inner.task.set(id);
    }
}

/// One line for a log: the task, the place in the source and the message. Not for clients: see
/// [above](PanicError#what-a-client-may-see-of-it).
impl fmt::Display for PanicError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.record.fmt(f)
    }
}

impl fmt::Debug for PanicError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PanicError")
            .field("message", &self.message())
            .field("location", &self.location().map(AsDisplay))
            .field("task", &self.task())
            .field("spawned_at", &self.spawned_at().map(AsDisplay))
            .field("request", &self.request())
            .field("thread", &self.thread())
            .field("backtrace", &self.backtrace())
            .finish()
    }
}

/// A value that a `Debug` shows by its `Display`.
struct AsDisplay<T>(T);

impl<T: fmt::Display> fmt::Debug for AsDisplay<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Error for PanicError {
    /// The payload, if somebody panicked with an error: a `Box<dyn Error + Send + Sync>`, a
    /// [`std::io::Error`] or, with the feature `anyhow`, an `anyhow::Error`.
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        #[cfg(feature = "anyhow")]
        if let Some(error) = self.downcast_ref::<anyhow::Error>() {
            return Some(error.as_ref());
        }
        if let Some(error) = self.downcast_ref::<Box<dyn Error + Send + Sync>>() {
            return Some(&**error);
        }
        self.downcast_ref::<io::Error>().map(|error| error as _)
    }
}
