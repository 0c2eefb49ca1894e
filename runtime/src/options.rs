//! The options of a group, shared by `#[task_group]` and [`TaskGroup`](crate::TaskGroup).

use std::num::NonZeroUsize;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::policy::PanicPolicy;
use crate::site::GroupId;

/// What a failing task means to its group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnFailure {
    /// The first failure cancels the rest, and is what the group fails with. The default; as in Go's errgroup with a
    /// context, Trio's nurseries and Kotlin's `coroutineScope`.
    #[default]
    Cancel,
    /// All run to their end, and every failure is handed over.
    Collect,
    /// A failing task is reported and touches nobody, as in Kotlin's `supervisorScope`.
    Isolate,
}

/// How long a group waits for its tasks before the watchdog reports those that are still alive.
pub(crate) const WARN_AFTER: Duration = Duration::from_secs(10);

/// The options of a group.
#[derive(Clone, Debug)]
pub struct Options {
    pub(crate) limit: Option<NonZeroUsize>,
    pub(crate) deadline: Option<Duration>,
    pub(crate) grace: Duration,
    pub(crate) warn_after: Duration,
    pub(crate) on_failure: OnFailure,
    pub(crate) token: Option<CancellationToken>,
    pub(crate) policy: Option<Box<PanicPolicy>>,
    pub(crate) takes: Option<&'static GroupId>,
}

impl Default for Options {
    fn default() -> Self {
        Self::new()
    }
}

impl Options {
    /// The options of a bare `#[task_group]`.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            limit: None,
            deadline: None,
            grace: Duration::ZERO,
            warn_after: WARN_AFTER,
            on_failure: OnFailure::Cancel,
            token: None,
            policy: None,
            takes: None,
        }
    }

    /// Those of the root and of a shield.
    pub(crate) const fn isolating() -> Self {
        Self::new().isolate()
    }

    /// At most so many tasks of the body at once.
    ///
    /// # Panics
    ///
    /// When it is zero: such a group could never run a task.
    #[track_caller]
    #[must_use]
    pub const fn limit(mut self, limit: usize) -> Self {
        self.limit = NonZeroUsize::new(limit);
        assert!(
            self.limit.is_some(),
            "the limit of a task group is zero: no task could ever run"
        );
        self
    }

    /// The group is cancelled after this time.
    #[must_use]
    pub const fn deadline(mut self, after: Duration) -> Self {
        self.deadline = Some(after);
        self
    }

    /// How long cancelled tasks may take to end by themselves before they are aborted.
    #[must_use]
    pub const fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// How long the group waits for its tasks before those still alive are reported.
    #[must_use]
    pub const fn warn_after(mut self, after: Duration) -> Self {
        self.warn_after = after;
        self
    }

    /// Every task runs to its end.
    #[must_use]
    pub const fn collect(mut self) -> Self {
        self.on_failure = OnFailure::Collect;
        self
    }

    /// A failing task is reported and touches nobody.
    #[must_use]
    pub const fn isolate(mut self) -> Self {
        self.on_failure = OnFailure::Isolate;
        self
    }

    /// The group is cancelled with this token.
    #[must_use]
    pub fn token(mut self, token: CancellationToken) -> Self {
        self.token = Some(token);
        self
    }

    /// What a panic in the group does to the process.
    #[must_use]
    pub fn on_panic(mut self, policy: PanicPolicy) -> Self {
        self.policy = Some(Box::new(policy));
        self
    }
}
