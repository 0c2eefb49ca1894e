//! A task group without macros.

use std::error::Error;
use std::future::Future;
use std::marker::PhantomData;
use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::{AbortHandle, JoinHandle};
use tokio_util::sync::CancellationToken;

use crate::cancel::CancelCause;
use crate::context::{Context, Role};
use crate::edge::{Held, Route};
use crate::errors::Errors;
use crate::failure::{Failure, What, report_error};
use crate::limit::Limit;
use crate::options::{OnFailure, Options};
use crate::panic::PanicError;
use crate::raised::{ErrorType, Function, Raised};
use crate::scope::{Failures, Scope};
use crate::site::Site;
use crate::spawn::{launch_in, spawn_blocking_in, spawn_in, spawn_placed};
use crate::watchdog;

static EXPLICIT: Function = Function::new("group");

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
    scope: Arc<Scope>,
    timer: Option<AbortHandle>,
    joined: bool,
    error: PhantomData<fn() -> E>,
}

/// The options of a [`TaskGroup`]: see [`TaskGroup::builder`].
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until it is opened"]
pub struct Builder<E> {
    location: &'static Location<'static>,
    name: &'static str,
    options: Options,
    error: PhantomData<fn() -> E>,
}

impl<E> Builder<E> {
    /// The name of the group in reports; the default is "group".
    pub const fn name(mut self, name: &'static str) -> Self {
        self.name = name;
        self
    }

    /// At most so many tasks at once; further ones wait before their first poll. [`TaskGroup::try_spawn`] tells before.
    ///
    /// # Panics
    ///
    /// When it is zero: such a group could never run a task.
    #[track_caller]
    pub fn limit(mut self, limit: usize) -> Self {
        self.options = self.options.limit(limit);
        self
    }

    /// The group is cancelled when this time has passed since it was opened.
    pub const fn deadline(mut self, after: Duration) -> Self {
        self.options.deadline = Some(after);
        self
    }

    /// How long cancelled tasks may take to end by themselves before they are aborted; the default is zero.
    pub const fn grace(mut self, grace: Duration) -> Self {
        self.options.grace = grace;
        self
    }

    /// How long a join waits before the tasks still alive are reported; the default is ten seconds.
    pub const fn warn_after(mut self, after: Duration) -> Self {
        self.options.warn_after = after;
        self
    }

    /// What a failing task means to the others; the default is [`OnFailure::Cancel`].
    pub const fn on_failure(mut self, on_failure: OnFailure) -> Self {
        self.options.on_failure = on_failure;
        self
    }

    /// The group is cancelled with this token.
    pub fn token(mut self, token: CancellationToken) -> Self {
        self.options.token = Some(token);
        self
    }
}

impl<E: From<PanicError> + 'static> Builder<E> {
    /// Opens the group in the scope around the caller.
    ///
    /// # Panics
    ///
    /// When a deadline, a grace or a token is given: outside a tokio runtime; with the first two also in one without
    /// a timer. At the caller's line.
    #[track_caller]
    pub fn open(mut self) -> TaskGroup<E> {
        self.options.takes = Some(ErrorType::of::<E>(&EXPLICIT));
        let site = Site::interned(self.name, self.location);
        let token = self.options.token.take();
        let (deadline, grace) = (self.options.deadline, self.options.grace);
        // No closures here: what panics in one does so at a line of its own.
        let mut timer = None;
        if let Some(after) = deadline {
            timer = Some(tokio::time::sleep(after));
        }
        if !grace.is_zero() {
            drop(tokio::time::sleep(grace));
        }
        // It is closed on drop, also when the spawn panics.
        let mut group = TaskGroup {
            scope: Scope::open(site, &self.options),
            timer: None,
            joined: false,
            error: PhantomData,
        };
        if timer.is_some() || token.is_some() || !grace.is_zero() {
            let watched = Arc::clone(&group.scope);
            group.timer = Some(tokio::spawn(climb(watched, timer, token)).abort_handle());
        }
        group
    }
}

/// Cancels the group when its time or its token says so, and aborts it when its grace is over. Ends with the group.
async fn climb(
    scope: Arc<Scope>,
    deadline: Option<tokio::time::Sleep>,
    token: Option<CancellationToken>,
) {
    let expired = async {
        match deadline {
            Some(deadline) => deadline.await,
            None => std::future::pending().await,
        }
    };
    let requested = async {
        match token {
            Some(token) => token.cancelled_owned().await,
            None => std::future::pending().await,
        }
    };
    let mut expired = std::pin::pin!(expired);
    let mut requested = std::pin::pin!(requested);
    let mut cancelled = std::pin::pin!(scope.token().cancelled_owned());
    let cause = std::future::poll_fn(|cx| {
        if cancelled.as_mut().poll(cx).is_ready() {
            return std::task::Poll::Ready(None);
        }
        if requested.as_mut().poll(cx).is_ready() {
            return std::task::Poll::Ready(Some(CancelCause::Token));
        }
        expired
            .as_mut()
            .poll(cx)
            .map(|()| Some(CancelCause::Deadline))
    })
    .await;
    if let Some(cause) = cause {
        scope.cancel(&cause);
    }
    // Without a grace, whoever cancels aborts as well, and there may be no timer.
    if !scope.grace().is_zero() {
        tokio::time::sleep(scope.grace()).await;
        scope.abort();
    }
}

/// What a launched future may return: nothing, or a `Result` whose error the group takes.
#[diagnostic::on_unimplemented(
    message = "a task group with errors of type `{E}` cannot launch a future that returns `{Self}`",
    label = "must return `()` or a `Result` whose error converts into `{E}`",
    note = "use `spawn` for a future with a value, and await the handle"
)]
pub trait Launch<E>: Send + 'static {
    /// The error, if there is one.
    #[doc(hidden)]
    fn raised(self) -> Option<Raised>;
}

impl<E> Launch<E> for () {
    fn raised(self) -> Option<Raised> {
        None
    }
}

/// Names `!`, which stable Rust has no name for outside a return type.
trait Returns {
    type Output;
}

impl<T> Returns for fn() -> T {
    type Output = T;
}

/// What never returns: `async { loop { … } }`, the accept loop.
#[expect(
    private_interfaces,
    reason = "the trait is gone when the compiler has found the type"
)]
impl<E> Launch<E> for <fn() -> ! as Returns>::Output {
    fn raised(self) -> Option<Raised> {
        self
    }
}

impl<T, X, E> Launch<E> for Result<T, X>
where
    T: Send + 'static,
    X: Send + std::fmt::Debug + 'static,
    E: From<X> + 'static,
{
    fn raised(self) -> Option<Raised> {
        let error = self.err()?;
        Some(Raised::to::<X, E>(
            error,
            |error| format!("{error:?}"),
            &EXPLICIT,
        ))
    }
}

/// The route of a launched future.
struct Launched<E>(PhantomData<fn() -> E>);

impl<E> Clone for Launched<E> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<E> Copy for Launched<E> {}

impl<E: 'static, T: Launch<E>> Route<T> for Launched<E> {
    fn route(self, output: T) -> Option<Raised> {
        output.raised()
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
    pub fn builder() -> Builder<E> {
        Builder {
            location: Location::caller(),
            name: "group",
            options: Options::new(),
            error: PhantomData,
        }
    }

    fn context(&self) -> Context {
        Context {
            scope: Arc::clone(&self.scope),
            role: Role::Body,
        }
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
        spawn_in(self.context(), Site::here(), future, Held)
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
        let route = Launched::<E>(PhantomData);
        launch_in(self.context(), Site::here(), future, route);
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
        if self.scope.is_cancelled() {
            return Err(future);
        }
        // It goes with the task from here: kept in the group, another thread could spawn with it.
        let place = match self.scope.limit().map(Limit::try_place) {
            Some(None) => return Err(future),
            place => place.flatten(),
        };
        let site = Site::here();
        Ok(spawn_placed(&self.scope, site, place, future, Held))
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
        spawn_blocking_in(self.context(), Site::here(), f, Held)
    }

    /// Cancels the group: its tasks see [`cancelled`](crate::cancelled), and are aborted when its grace is over.
    pub fn cancel(&self) {
        self.scope.cancel(&CancelCause::Requested);
    }

    /// Whether the group is cancelled.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.scope.is_cancelled()
    }

    /// How many tasks have not ended, those that tasks of the group have spawned included; an open group inside this
    /// one counts as one.
    #[must_use]
    pub fn len(&self) -> usize {
        self.scope.pending()
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
        self.scope.token().cancelled_owned().await;
        self.scope.cause().unwrap_or(CancelCause::Requested)
    }

    async fn joined(&mut self) {
        std::future::poll_fn(|cx| {
            let polled = self.scope.poll_joined(cx);
            if polled.is_pending() {
                watchdog::watch(&self.scope);
            }
            polled
        })
        .await;
        self.joined = true;
        if let Some(timer) = self.timer.take() {
            timer.abort();
        }
    }

    fn errors(&self) -> Vec<E> {
        let Failures { best, collected } = self.scope.take_failures();
        let mut errors = Vec::new();
        for Failure { what, site, .. } in collected.into_iter().chain(best) {
            match what {
                What::Panic(panic) => errors.push(E::from(panic)),
                What::Error(error) => match error.into_error(&EXPLICIT) {
                    Ok(error) => errors.push(error),
                    Err(error) => report_error(&self.scope, site, &error),
                },
                What::BodyError => {}
            }
        }
        errors
    }

    /// Waits until every task has ended.
    ///
    /// # Errors
    ///
    /// The group's first failure. A group that was cancelled without a failure ends well: cancelling is no failure.
    /// With [`OnFailure::Collect`] the failure of the task that was spawned first; the others are in
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
    /// With [`OnFailure::Collect`] every failure, in the order of spawning; otherwise the first.
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
            self.scope.cancel(&CancelCause::Dropped);
            self.scope.abort();
            self.scope.report_failures();
        }
        self.scope.close();
    }
}
