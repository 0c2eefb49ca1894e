//! Tasks.

use std::any::Any;
use std::cell::Cell;
use std::fmt;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

/// Known by its type alone: none is made here.
pub use tokio::task::JoinSet;

type Payload = Box<dyn Any + Send + 'static>;

shuttle::thread_local! {
    static CURRENT: Cell<Option<Id>> = const { Cell::new(None) };
}

/// The number of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Id(u64);

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The number of the task that runs.
#[must_use]
pub fn try_id() -> Option<Id> {
    shuttle::current::try_get_current_task()?;
    CURRENT.try_with(Cell::get).ok().flatten()
}

/// A future whose panics are its output.
struct Caught<F> {
    future: Option<Pin<Box<F>>>,
    id: Id,
}

impl<F: Future> Future for Caught<F> {
    type Output = Result<F::Output, Payload>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let id = self.id;
        let Some(future) = &mut self.future else {
            panic!("a task was polled after it had ended");
        };
        CURRENT.with(|current| current.set(Some(id)));
        let polled = catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx)));
        let output = match polled {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(output)) => Ok(output),
            Err(payload) => Err(payload),
        };
        self.future = None;
        Poll::Ready(output)
    }
}

fn id() -> Id {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    Id(NEXT.fetch_add(1, Ordering::Relaxed))
}

/// Starts a task.
pub fn spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    let id = id();
    let future = Some(Box::pin(future));
    JoinHandle(Box::new(Spawned {
        inner: shuttle::future::spawn(Caught { future, id }),
        id,
    }))
}

/// Starts a task that stays on its thread.
pub fn spawn_local<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    let id = id();
    let future = Some(Box::pin(future));
    JoinHandle(Box::new(Spawned {
        inner: shuttle::future::spawn_local(Caught { future, id }),
        id,
    }))
}

/// Tasks that nobody runs.
#[derive(Debug, Default)]
pub struct LocalSet;

impl LocalSet {
    /// A set that is dropped before its tasks run.
    #[must_use]
    pub const fn new() -> Self {
        Self
    }

    /// Starts a task that never runs.
    pub fn spawn_local<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        let handle = spawn_local(future);
        handle.abort();
        handle
    }
}

/// Starts a closure, which no abort interrupts once it runs.
pub fn spawn_blocking<C, T>(f: C) -> JoinHandle<T>
where
    C: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    spawn(async move { f() })
}

/// Lets others run.
pub async fn yield_now() {
    shuttle::future::yield_now().await;
}

/// The handle of a task.
#[derive(Debug)]
pub struct JoinHandle<T>(Box<Spawned<shuttle::future::JoinHandle<Result<T, Payload>>>>);

/// Boxed, because tokio's handles are one word, and rejoin counts on it.
#[derive(Debug)]
struct Spawned<H> {
    inner: H,
    id: Id,
}

impl<T> JoinHandle<T> {
    /// Drops the task between two of its polls.
    pub fn abort(&self) {
        self.0.inner.abort();
    }

    /// Whether the task has ended.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.0.inner.is_finished()
    }

    /// A handle to abort the task by.
    #[must_use]
    pub fn abort_handle(&self) -> AbortHandle {
        AbortHandle(Arc::new(Spawned {
            inner: self.0.inner.abort_handle(),
            id: self.0.id,
        }))
    }

    /// The task's number.
    #[must_use]
    pub fn id(&self) -> Id {
        self.0.id
    }
}

impl<T> Future for JoinHandle<T> {
    type Output = Result<T, JoinError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let id = self.0.id;
        Pin::new(&mut self.0.inner)
            .poll(cx)
            .map(|ended| match ended {
                Ok(Ok(output)) => Ok(output),
                Ok(Err(payload)) => Err(JoinError {
                    id,
                    payload: Some(payload),
                }),
                Err(shuttle::future::JoinError::Cancelled) => Err(JoinError { id, payload: None }),
            })
    }
}

/// A handle to abort a task by.
#[derive(Clone, Debug)]
pub struct AbortHandle(Arc<Spawned<shuttle::future::AbortHandle>>);

impl AbortHandle {
    /// Drops the task between two of its polls.
    pub fn abort(&self) {
        self.0.inner.abort();
    }

    /// Whether the task has ended.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.0.inner.is_finished()
    }

    /// The task's number.
    #[must_use]
    pub fn id(&self) -> Id {
        self.0.id
    }
}

/// Why a task has no output.
pub struct JoinError {
    id: Id,
    payload: Option<Payload>,
}

impl JoinError {
    /// Whether it was aborted.
    #[must_use]
    pub const fn is_cancelled(&self) -> bool {
        self.payload.is_none()
    }

    /// Whether it panicked.
    #[must_use]
    pub const fn is_panic(&self) -> bool {
        self.payload.is_some()
    }

    /// The task's number.
    #[must_use]
    pub const fn id(&self) -> Id {
        self.id
    }

    /// What it panicked with.
    ///
    /// # Errors
    ///
    /// Gives itself back when the task was aborted.
    pub fn try_into_panic(self) -> Result<Payload, Self> {
        let id = self.id;
        self.payload.ok_or(Self { id, payload: None })
    }
}

impl fmt::Debug for JoinError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = if self.is_panic() {
            "Panic"
        } else {
            "Cancelled"
        };
        write!(f, "JoinError::{what}({})", self.id)
    }
}

impl fmt::Display for JoinError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

impl std::error::Error for JoinError {}
