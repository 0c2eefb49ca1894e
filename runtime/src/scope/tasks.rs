//! The tasks of a scope: kept so that they can be aborted, swept when they have ended, let go on purpose.

use crate::sync::Arc;
use crate::sync::atomic::Ordering;
use std::time::Instant;

use tokio::task::Id;

use super::Scope;
use super::registry::{self, Entry, Handle, Registry};
use crate::live::TaskKind;
use crate::panic::contain_drop;
use crate::site::Site;

/// Less than the slack of [`registry::is_crowded`], so that small lists are never swept.
const GRAIN: usize = 32;

impl Scope {
    /// Keeps what it takes to abort and to name a task that was just spawned, at `now`.
    pub(crate) fn register(
        &self,
        handle: impl Into<Handle>,
        site: &'static Site,
        kind: TaskKind,
        now: Instant,
    ) {
        let handle = handle.into();
        let mut inner = self.lock();
        let aborted = self.is_aborted().then(|| handle.abort_handle());
        let live = self.count.get();
        let mut ended = Vec::new();
        if registry::is_crowded(inner.registry.tasks.len(), live) {
            ended = inner.registry.sweep();
        }
        inner.registry.add(handle, site, kind, now);
        self.publish(inner.registry.tasks.len());
        drop(inner);
        discard(ended);
        if let Some(abort) = aborted {
            abort.abort();
        }
    }

    /// Tells the tasks that end how many handles are kept: rounded up, so that they read a line that is seldom written.
    pub(super) fn publish(&self, kept: usize) {
        let kept = kept.next_multiple_of(GRAIN);
        if self.kept.load(Ordering::Relaxed) != kept {
            self.kept.store(kept, Ordering::Relaxed);
        }
    }

    pub(crate) fn register_thread(&self, running: &Arc<()>, site: &'static Site) {
        self.lock().registry.add_thread(running, site);
    }

    #[inline]
    pub(super) fn sweep_if_crowded(&self, live: usize) {
        if registry::is_crowded(self.kept.load(Ordering::Relaxed), live)
            && let Ok(mut inner) = self.inner.try_lock()
        {
            let ended = inner.registry.sweep();
            self.publish(inner.registry.tasks.len());
            drop(inner);
            discard(ended);
        }
    }

    /// Lets go of a task: `true` if it was one of this scope's.
    pub(crate) fn let_go(&self, id: Id) -> bool {
        let mut inner = self.lock();
        let mut tasks = inner.registry.tasks.iter();
        let Some(entry) = tasks.find(|entry| entry.id() == id) else {
            return false;
        };
        // One that has ended would never follow.
        if !entry.is_finished() {
            inner.registry.detached.push(id);
            self.settle_detached(&inner.registry);
            drop(inner);
            self.wake_joiner();
        }
        true
    }

    /// Says whether there are detached tasks, so that a scope in which the last one has moved or ended is as fast as one
    /// that never had any. Under the lock of the registry.
    pub(super) fn settle_detached(&self, registry: &Registry) {
        let any = !registry.detached.is_empty();
        self.count.set_detached(any);
        self.let_go.store(any, Ordering::Release);
    }

    /// Whether a task was let go that is still here: a look without the lock.
    #[inline]
    pub(crate) fn has_let_go(&self) -> bool {
        self.let_go.load(Ordering::Acquire)
    }

    /// Whether this task was let go; then it is taken off this scope's list, and the caller moves it to the root.
    pub(crate) fn take_detached(&self) -> Option<(Handle, TaskKind)> {
        let id = tokio::task::try_id()?;
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
            .position(|entry| entry.id() == id)?;
        inner.registry.detached.swap_remove(let_go);
        self.settle_detached(&inner.registry);
        let entry = inner.registry.tasks.swap_remove(at);
        let kind = entry.kind();
        Some((entry.into_handle(), kind))
    }
}

/// Drops handles of tasks that have ended, outside of all locks. A destructor that panics is contained, and reported.
#[inline]
pub(super) fn discard(ended: Vec<Entry>) {
    if !ended.is_empty() {
        for entry in ended {
            drop(contain_drop(entry));
        }
    }
}
