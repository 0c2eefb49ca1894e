//! What a scope tells of a task that is still alive.

use std::fmt;
use std::panic::Location;
use std::time::{Duration, Instant};

use crate::escape::{Escaped, Time};

/// What kind of work a task is, and so whether it can be aborted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TaskKind {
    /// A tokio task: aborted at its next await.
    Task,
    /// A closure on tokio's blocking pool: it cannot be aborted once it runs.
    Blocking,
    /// A thread of its own: it cannot be aborted.
    Thread,
    /// A group that is open although nothing is alive in it, and that no task of rejoin's has opened: its function runs in a
    /// task of somebody else's, such as a server's, or somebody keeps a [`TaskGroup`](crate::TaskGroup). It cannot be
    /// aborted. No task is of this kind; who waits for the [root](crate::root) in vain is told of such groups, too.
    Group,
}

impl TaskKind {
    /// Whether work of this kind can be aborted while it runs.
    #[must_use]
    pub const fn can_abort(self) -> bool {
        matches!(self, Self::Task)
    }

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Task => "task",
            Self::Blocking => "blocking",
            Self::Thread => "thread",
            Self::Group => "group",
        }
    }
}

impl fmt::Display for TaskKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A task that was alive when somebody looked: see [`Root::live`](crate::Root::live).
///
/// # Example
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let mail = rejoin::spawn(std::future::pending::<()>());
/// let live = rejoin::root().live();
/// assert_eq!(live.len(), 1);
/// assert_eq!(live[0].kind(), rejoin::TaskKind::Task);
/// assert!(live[0].spawned_at().file().ends_with(".rs"));
/// # mail.abort();
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct LiveTask {
    pub(crate) path: String,
    pub(crate) spawned_at: &'static Location<'static>,
    pub(crate) since: Instant,
    pub(crate) kind: TaskKind,
}

impl LiveTask {
    /// The names of the scopes around the task and its own, joined by `/`.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The task's own name: the path of the function that spawned it, unless it was named.
    #[must_use]
    pub fn name(&self) -> &str {
        crate::site::last_name(&self.path)
    }

    /// Where it was spawned.
    #[must_use]
    pub const fn spawned_at(&self) -> &'static Location<'static> {
        self.spawned_at
    }

    /// How long ago it was spawned.
    #[must_use]
    pub fn age(&self) -> Duration {
        self.since.elapsed()
    }

    /// What kind of work it is.
    #[must_use]
    pub const fn kind(&self) -> TaskKind {
        self.kind
    }
}

impl fmt::Display for LiveTask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} `{}` {} at {}, {} ago",
            self.kind,
            Escaped(&self.path),
            if self.kind == TaskKind::Group {
                "opened"
            } else {
                "spawned"
            },
            self.spawned_at,
            Time(self.age())
        )?;
        if self.kind.can_abort() {
            return Ok(());
        }
        f.write_str(", cannot be aborted")
    }
}
