//! A task group without macros.

use crate::sync::Arc;
use std::cell::RefCell;
use std::error::Error;
use std::future::Future;
use std::panic::Location;
use std::time::Duration;

use tokio::task::{AbortHandle, JoinHandle};

use super::builder::TaskGroupBuilder;
use super::launch::{EXPLICIT, Launch, Launched};
use super::verdict::Verdict;
use crate::ambient::{Context, Current};
use crate::cause::{CancelCause, DeadlineExceeded};
use crate::errors::Errors;
use crate::limit::Limit;
use crate::panic::PanicError;
use crate::scope::Scope;
use crate::scope::failure::report_text;
use crate::site::Site;
use crate::task::spawn::{is_large, launch_in, spawn_blocking_in, spawn_in, spawn_placed};
use crate::task::tracked::{Discarded, Held};
use crate::watchdog;

/// A group of tasks that end together: what `#[task_group]` opens, held in a variable.
///
/// Tasks are started with [`spawn`](Self::spawn), whose handle has the outcome, or with [`launch`](Self::launch), whose
/// failure is the group's: the first one cancels the rest and is what [`join`](Self::join) returns. `E` is the error
/// that failures become.
///
/// Dropping the group cancels and aborts its tasks; those that are still stopping are waited for by the scope around.
///
/// # Example
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// use std::io;
/// use rejoin::TaskGroup;
///
/// let group = TaskGroup::<io::Error>::new();
/// group.launch(async { Err::<(), _>(io::Error::other("no route")) });
/// group.launch(std::future::pending::<()>()); // cancelled by the failure of its sibling
/// assert_eq!(group.join().await.unwrap_err().to_string(), "no route");
/// # }
/// ```
#[derive(Debug)]
#[must_use = "dropping a task group cancels its tasks"]
pub struct TaskGroup<E = Box<dyn Error + Send + Sync>> {
    context: Arc<Context>,
    timer: Option<AbortHandle>,
    joined: bool,
    /// The time it was given, and what its end is called.
    late: Option<Late<E>>,
}

/// A deadline, and the error that says that it has passed.
type Late<E> = (fn(DeadlineExceeded) -> E, Duration);

/// For the builder.
impl<E> TaskGroup<E> {
    pub(super) fn of(scope: Arc<Scope>, late: Option<Late<E>>) -> Self {
        Self {
            context: Arc::new(Context::new(scope)),
            timer: None,
            joined: false,
            late,
        }
    }

    pub(crate) fn scope(&self) -> &Arc<Scope> {
        &self.context.scope
    }

    pub(super) fn set_timer(&mut self, timer: AbortHandle) {
        self.timer = Some(timer);
    }
}

impl<E: From<PanicError> + 'static> TaskGroup<E> {
    /// Opens a group with the default options in the scope around the caller.
    #[track_caller]
    pub fn new() -> Self {
        Self::builder().open()
    }

    /// The options of a group that is not open yet.
    ///
    /// # Example
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// use std::time::Duration;
    ///
    /// let group = rejoin::TaskGroup::<std::io::Error>::builder()
    ///     .name("mirrors")
    ///     .limit(4)
    ///     .deadline(Duration::from_secs(2))
    ///     .open();
    /// # group.join().await.unwrap();
    /// # }
    /// ```
    #[track_caller]
    pub fn builder() -> TaskGroupBuilder<E> {
        TaskGroupBuilder::at(Location::caller())
    }

    /// Spawns a future into the group. Its outcome goes to the handle, and to nobody else; a panic is in addition
    /// reported.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime, at the caller's line.
    #[must_use = "a handle has the task's outcome; use `launch` to leave it to the group"]
    #[track_caller]
    pub fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let (owner, site) = (Current::body(&self.context), Site::here());
        if is_large::<F>() {
            return spawn_in(owner, site, Box::pin(future), Held);
        }
        spawn_in(owner, site, future, Held)
    }

    /// Spawns a future whose failure, an `Err` or a panic, is the group's.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime, at the caller's line.
    #[track_caller]
    pub fn launch<F>(&self, future: F)
    where
        F: Future + Send + 'static,
        F::Output: Launch<E>,
    {
        let site = Site::here_in(Some(&EXPLICIT));
        let route = Discarded::<Launched<E>>::new();
        let owner = Current::body(&self.context);
        if is_large::<F>() {
            launch_in(owner, site, route, Box::pin(future));
        } else {
            launch_in(owner, site, route, future);
        }
    }

    /// Spawns a future if the group has a free place.
    ///
    /// # Errors
    ///
    /// Hands the future back when the group is full or cancelled.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime, at the caller's line.
    ///
    /// # Example
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let group = rejoin::TaskGroup::<std::io::Error>::builder().limit(1).open();
    /// let first = group.try_spawn(async { 1 }).ok().expect("a free place");
    /// assert!(group.try_spawn(async { 2 }).is_err());
    /// assert_eq!(first.await.unwrap(), 1);
    /// # }
    /// ```
    #[track_caller]
    pub fn try_spawn<F>(&self, future: F) -> Result<JoinHandle<F::Output>, F>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        if self.scope().is_cancelled() {
            return Err(future);
        }
        // It goes with the task from here: kept in the group, another thread could spawn with it.
        let place = match self.scope().limit().map(Limit::try_place) {
            Some(None) => return Err(future),
            place => place.flatten(),
        };
        let site = Site::here();
        Ok(spawn_placed(
            Current::body(&self.context),
            site,
            place,
            future,
            Held,
        ))
    }

    /// Runs a blocking closure on tokio's blocking pool as a task of the group.
    ///
    /// Once it runs it cannot be aborted: the group waits for it.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime, at the caller's line.
    #[must_use = "a handle has the task's outcome"]
    #[track_caller]
    pub fn spawn_blocking<C, T>(&self, f: C) -> JoinHandle<T>
    where
        C: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        spawn_blocking_in(Current::body(&self.context), Site::here(), f, Held)
    }

    /// Cancels the group: its tasks see [`cancelled`](crate::cancelled), and are aborted when its grace is over.
    pub fn cancel(&self) {
        self.scope().cancel(&CancelCause::Requested);
    }

    /// Whether the group is cancelled.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.scope().is_cancelled()
    }

    /// How many tasks have not ended, those that tasks of the group have spawned included; an open group inside this
    /// one counts as one.
    #[must_use]
    pub fn len(&self) -> usize {
        self.scope().pending()
    }

    /// Whether every task has ended.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Resolves when the group is cancelled, with the reason: for the code beside the group that must stop with it.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe.
    pub async fn cancelled(&self) -> CancelCause {
        self.scope().token().cancelled_owned().await;
        self.scope().cause().unwrap_or(CancelCause::Requested)
    }

    async fn joined(&mut self) {
        std::future::poll_fn(|cx| {
            let polled = self.scope().poll_joined(cx);
            if polled.is_pending() {
                watchdog::watch(self.scope());
            }
            polled
        })
        .await;
        self.joined = true;
        if let Some(timer) = self.timer.take() {
            timer.abort();
        }
    }

    /// The error of a group whose time was over before its tasks were.
    fn late(&self) -> Option<E> {
        let (error, given) = self.late?;
        let is_late = matches!(self.scope().cause(), Some(CancelCause::Deadline));
        is_late.then(|| error(DeadlineExceeded::new(given)))
    }

    /// The failures of the group. Where a panic unwinds, because its own conversion panics, the errors that it hides are
    /// reported.
    fn errors(&self) -> Vec<E> {
        let scope = self.scope();
        // An `E` says nothing of itself, so what may have to be said is kept before it is one.
        let hidden = RefCell::new(Vec::new());
        let verdict = Verdict::of(
            scope,
            || self.late(),
            Some(E::from),
            |site, error| {
                if scope.collects() {
                    hidden.borrow_mut().push((site, error.to_string()));
                }
                error.convert()
            },
            &mut || None,
        );
        if let Some(panic) = verdict.panic {
            for (site, text) in hidden.into_inner() {
                report_text(scope, site, &text);
            }
            panic.resume();
        }
        verdict.errors
    }

    /// Waits until every task has ended.
    ///
    /// # Errors
    ///
    /// The group's first failure, or that its [deadline](TaskGroupBuilder::deadline) has passed. A group that was cancelled otherwise,
    /// without a failure, ends well: cancelling is no failure.
    /// With [`OnFailure::Collect`](crate::OnFailure::Collect) the failure of the task that was spawned first; the others are in
    /// [`join_all`](Self::join_all).
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: dropping the future drops the group, which cancels its tasks.
    pub async fn join(mut self) -> Result<(), E> {
        self.joined().await;
        self.errors().into_iter().next().map_or(Ok(()), Err)
    }

    /// Waits until every task has ended, and hands over every failure.
    ///
    /// # Errors
    ///
    /// With [`OnFailure::Collect`](crate::OnFailure::Collect) every failure, in the order of spawning; otherwise the first.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: dropping the future drops the group, which cancels its tasks.
    pub async fn join_all(mut self) -> Result<(), Errors<E>> {
        self.joined().await;
        let errors = self.errors();
        if errors.is_empty() {
            Ok(())
        } else {
            Err(Errors::new(errors))
        }
    }
}

impl<E: From<PanicError> + 'static> Default for TaskGroup<E> {
    #[track_caller]
    fn default() -> Self {
        Self::new()
    }
}

impl<E> Drop for TaskGroup<E> {
    fn drop(&mut self) {
        if let Some(timer) = self.timer.take() {
            timer.abort();
        }
        if !self.joined {
            self.scope().cancel(&CancelCause::Dropped);
            self.scope().abort();
            self.scope().report_failures();
        }
        self.scope().close();
    }
}
