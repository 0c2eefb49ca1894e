//! The tasks of a scope: kept so that they can be aborted, swept when they have ended, let go on purpose.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::task::{AbortHandle, Id};

use super::{Scope, registry};
use crate::live::TaskKind;
use crate::site::Site;

impl Scope {
    /// Keeps what it takes to abort and to name a task that was just spawned.
    pub(crate) fn register(&self, abort: AbortHandle, site: &'static Site, kind: TaskKind) {
        let mut inner = self.lock();
        let aborted = self.is_aborted().then(|| abort.clone());
        let live = self.count.get();
        if registry::is_crowded(inner.registry.tasks.len(), live) {
            inner.registry.sweep();
        }
        inner.registry.add(abort, site, kind);
        self.kept
            .store(inner.registry.tasks.len(), Ordering::Relaxed);
        drop(inner);
        if let Some(abort) = aborted {
            abort.abort();
        }
    }

    pub(crate) fn register_thread(&self, running: &Arc<()>, site: &'static Site) {
        self.lock().registry.add_thread(running, site);
    }

    pub(super) fn sweep_if_crowded(&self, live: usize) {
        if registry::is_crowded(self.kept.load(Ordering::Relaxed), live)
            && let Ok(mut inner) = self.inner.try_lock()
        {
            inner.registry.sweep();
            self.kept
                .store(inner.registry.tasks.len(), Ordering::Relaxed);
        }
    }

    /// Lets go of a task: `true` if it was one of this scope's.
    pub(crate) fn let_go(&self, id: Id) -> bool {
        let mut inner = self.lock();
        let mut tasks = inner.registry.tasks.iter();
        let Some(entry) = tasks.find(|entry| entry.abort.id() == id) else {
            return false;
        };
        // One that has ended would never follow.
        if !entry.abort.is_finished() {
            inner.registry.detached.push(id);
            self.count.set_detached();
            drop(inner);
            self.wake_joiner();
        }
        true
    }

    /// Whether this task was let go; then it is taken off this scope's list, and the caller moves it to the root.
    pub(crate) fn take_detached(&self, id: Id) -> Option<(AbortHandle, TaskKind)> {
        if !self.count.has_detached() {
            return None;
        }
        let mut inner = self.lock();
        let let_go = inner
            .registry
            .detached
            .iter()
            .position(|&other| other == id)?;
        let at = inner
            .registry
            .tasks
            .iter()
            .position(|entry| entry.abort.id() == id)?;
        inner.registry.detached.swap_remove(let_go);
        let entry = inner.registry.tasks.swap_remove(at);
        Some((entry.abort, entry.kind))
    }
}
