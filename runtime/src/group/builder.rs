//! The options of an explicit group, and the task that watches its clock and its token.

use crate::sync::Arc;
use std::future::{Future, poll_fn};
use std::panic::Location;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::explicit::TaskGroup;
use super::ladder::Ladder;
use super::launch::EXPLICIT;
use crate::ambient;
use crate::cause::DeadlineExceeded;
use crate::options::{OnFailure, Options};
use crate::panic::PanicError;
use crate::policy::PanicPolicy;
use crate::scope::Scope;
use crate::site::Site;

/// The options of a [`TaskGroup`]: see [`TaskGroup::builder`].
#[derive(Debug)]
#[must_use = "a builder does nothing until it is opened"]
pub struct TaskGroupBuilder<E> {
    location: &'static Location<'static>,
    name: &'static str,
    options: Options,
    late: Option<fn(DeadlineExceeded) -> E>,
}

// Derived, it would ask for an error that is `Clone`, which few are.
impl<E> Clone for TaskGroupBuilder<E> {
    fn clone(&self) -> Self {
        Self {
            location: self.location,
            name: self.name,
            options: self.options.clone(),
            late: self.late,
        }
    }
}

impl<E> TaskGroupBuilder<E> {
    pub(super) fn at(location: &'static Location<'static>) -> Self {
        Self {
            location,
            name: "group",
            options: Options::new(),
            late: None,
        }
    }

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

    /// How long cancelled tasks may take to end by themselves before they are aborted; the default is zero.
    pub const fn grace(mut self, grace: Duration) -> Self {
        self.options.grace = grace;
        self
    }

    /// How long a join waits before the tasks still alive are reported, at least a millisecond; the default is ten seconds.
    /// They are reported again after twice that time, and so on.
    pub const fn warn_after(mut self, after: Duration) -> Self {
        self.options.warn_after = after;
        self
    }

    /// What a failing task means to the others; the default is [`OnFailure::Cancel`].
    pub const fn on_failure(mut self, on_failure: OnFailure) -> Self {
        self.options.on_failure = on_failure;
        self
    }

    /// What a panic of a launched task does to the process, beside what a panic does anywhere: the group can be stricter
    /// than the [policy](crate::set_panic_policy) of the process, and not milder.
    ///
    /// `shutdown` requests a shutdown, `abort` and `abort after 5 in 60s` end the process; the latter counts the panics of
    /// all groups that are opened at this place under this name. `abort if unjoined for 30s` is for this group alone. A
    /// task that was spawned gives its panic to its handle, and is not counted.
    ///
    /// # Example
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// use rejoin::{OnFailure, TaskGroup};
    ///
    /// // One bad connection is nobody else's trouble; five in a minute are a fault of the server.
    /// let connections = TaskGroup::<std::io::Error>::builder()
    ///     .on_failure(OnFailure::Isolate)
    ///     .on_panic("abort after 5 in 60s".parse().expect("a policy"))
    ///     .open();
    /// # connections.join().await.unwrap();
    /// # }
    /// ```
    pub fn on_panic(mut self, policy: PanicPolicy) -> Self {
        self.options = self.options.on_panic(policy);
        self
    }

    /// The group is cancelled with this token.
    pub fn token(mut self, token: CancellationToken) -> Self {
        self.options.token = Some(token);
        self
    }
}

impl<E: From<DeadlineExceeded>> TaskGroupBuilder<E> {
    /// The group is cancelled when this time has passed since it was opened, and [`TaskGroup::join`] says so: by the error
    /// that is made from [`DeadlineExceeded`].
    ///
    /// # Example
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// use std::io::{Error, ErrorKind};
    /// use std::time::Duration;
    ///
    /// let group = rejoin::TaskGroup::<Error>::builder()
    ///     .deadline(Duration::from_millis(1))
    ///     .open();
    /// group.launch(std::future::pending::<()>());
    /// assert_eq!(group.join().await.unwrap_err().kind(), ErrorKind::TimedOut);
    /// # }
    /// ```
    pub fn deadline(mut self, after: Duration) -> Self {
        self.options.deadline = Some(after);
        self.late = Some(E::from);
        self
    }
}

impl<E: From<PanicError> + 'static> TaskGroupBuilder<E> {
    /// Opens the group in the scope around the caller.
    ///
    /// # Panics
    ///
    /// When a deadline, a grace or a token is given: outside a tokio runtime; with the first two also in one without
    /// a timer. At the caller's line.
    #[track_caller]
    pub fn open(mut self) -> TaskGroup<E> {
        self.options.takes = Some(&EXPLICIT);
        let site = Site::interned(self.name, self.location);
        let deadline = self.options.deadline;
        let ladder = Ladder::new(&mut self.options);
        // It is closed on drop, also when the spawn panics.
        let late = self.late.zip(deadline);
        let mut group = TaskGroup::of(ambient::open(site, &self.options), late);
        if !ladder.is_bare() || !self.options.grace.is_zero() {
            let timer = tokio::spawn(climb(Arc::clone(group.scope()), ladder));
            group.set_timer(timer.abort_handle());
        }
        group
    }
}

/// Climbs the ladder of a group that nobody may be polling. Ends with the group.
async fn climb(scope: Arc<Scope>, mut ladder: Ladder) {
    let mut cancelled = pin!(scope.token().cancelled_owned());
    let mut is_cancelled = false;
    poll_fn(|cx| {
        ladder.poll_outside(&scope, cx);
        is_cancelled = is_cancelled || cancelled.as_mut().poll(cx).is_ready();
        if !is_cancelled {
            return Poll::Pending;
        }
        ladder.poll_grace(&scope, cx);
        if scope.is_aborted() {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
}
