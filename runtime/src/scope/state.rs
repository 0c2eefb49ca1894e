//! How far a scope or a task has come.

use std::fmt;

/// How far a scope or a task has come, as its scope knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum State {
    /// It goes on.
    Running,
    /// Of a scope: its own function is done, and waits for nothing but the tasks inside.
    Waiting,
    /// It has been asked to stop, and may take its grace.
    Cancelled,
    /// It has been told to stop at its next await. A blocking task or a thread cannot be told, and stays cancelled.
    Aborted,
}

impl State {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Waiting => "waiting",
            Self::Cancelled => "cancelled",
            Self::Aborted => "aborted",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
