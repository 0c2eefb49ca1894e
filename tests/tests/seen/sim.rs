//! False friends of the spawns.

use super::Kept;

pub(crate) fn spawn<F>(f: F) -> Kept<F> {
    Kept(f)
}

pub(crate) mod task {
    pub(crate) use super::spawn;
}

pub(crate) mod thread {
    pub(crate) use super::spawn;
}

/// As simulators have it.
pub(crate) mod tokio {
    pub(crate) use super::spawn;
}

#[derive(Clone)]
pub(crate) struct Handle;

impl Handle {
    pub(crate) fn current() -> Self {
        Self
    }

    pub(crate) fn spawn<F>(&self, f: F) -> Kept<F> {
        Kept(f)
    }

    pub(crate) fn spawn_blocking<F>(&self, f: F) -> Kept<F> {
        Kept(f)
    }
}
