//! Looking at a scope: its name, and who is alive in it.

use crate::sync::Arc;
use crate::sync::atomic::Ordering;
use std::collections::HashSet;
use std::time::{Duration, Instant};

use super::Scope;
use super::snapshot::SeenScope;
use crate::live::{LiveTask, TaskKind};
use crate::site::Site;

impl Scope {
    /// The names of the scopes around, the outermost first. Takes no lock.
    pub(crate) fn path(&self) -> String {
        let mut names = Vec::new();
        let mut scope = self;
        while let Some(parent) = &scope.parent {
            names.push(scope.site.name());
            names.extend(scope.owner.map(Site::name));
            scope = parent;
        }
        names.dedup();
        names.reverse();
        names.join("/")
    }

    /// The name of a task with those of the scopes around it.
    pub(crate) fn path_of(&self, task: &'static Site) -> String {
        let path = self.path();
        let name = task.name();
        if path.is_empty() || path == name || path.ends_with(&format!("/{name}")) {
            return if path.is_empty() {
                name.to_owned()
            } else {
                path
            };
        }
        format!("{path}/{name}")
    }

    /// The request that it serves, or that a scope around it does. Takes no lock.
    pub(crate) fn request(&self) -> Option<String> {
        let mut around = Some(self);
        while let Some(scope) = around {
            let name = scope.request.name();
            if name.is_some() {
                return name;
            }
            around = scope.parent.as_deref();
        }
        None
    }

    /// Every task that is alive in this scope and those inside it.
    pub(crate) fn live(self: &Arc<Self>) -> Vec<LiveTask> {
        tasks(&self.snapshot())
    }

    /// Everything that keeps this scope from ending: its tasks, and the groups that none of them speaks for.
    pub(crate) fn live_and_open(self: &Arc<Self>) -> Vec<LiveTask> {
        let seen = self.snapshot();
        let mut live = tasks(&seen);
        let around: HashSet<_> = seen.iter().filter_map(|scope| scope.parent).collect();
        let named: HashSet<_> = seen
            .iter()
            .enumerate()
            .flat_map(|(at, scope)| scope.tasks.iter().map(move |task| (at, task.site.place())))
            .collect();
        for (at, scope) in seen.iter().enumerate() {
            let Some(parent) = scope.parent else { continue };
            let owner = scope.scope.owner();
            let has_owner = owner.is_some_and(|site| named.contains(&(parent, site.place())));
            if scope.tasks.is_empty() && !around.contains(&at) && !has_owner {
                live.push(LiveTask {
                    path: scope.scope.path(),
                    spawned_at: scope.scope.site().location(),
                    since: scope.opened,
                    kind: TaskKind::Group,
                });
            }
        }
        live
    }

    /// How many tasks and scopes are in this scope, each scope counted as one.
    pub(crate) fn pending(&self) -> usize {
        self.count.get() - 1
    }

    /// From now on the owner waits for nothing but tasks. The watchdog reads the clock when it first sees it.
    pub(crate) fn set_waiting(&self) {
        self.waits.store(true, Ordering::Relaxed);
    }

    /// Whether its owner waits for nothing but tasks.
    pub(crate) fn is_waiting(&self) -> bool {
        self.waits.load(Ordering::Relaxed)
    }

    pub(crate) const fn warn_after(&self) -> Duration {
        self.warn_after
    }

    /// If this scope has been waiting long enough for the next warning, how long; otherwise when that will be.
    pub(crate) fn overdue(&self, now: Instant) -> Option<Result<Duration, Instant>> {
        if !self.waits.load(Ordering::Relaxed) {
            return None;
        }
        let mut inner = self.lock();
        let since = *inner.waiting.get_or_insert(now);
        // A date beyond what the clock can tell never comes.
        let due = since.checked_add(self.warn_after.saturating_mul(1 << inner.warned.min(31)))?;
        if now < due {
            return Some(Err(due));
        }
        inner.warned += 1;
        Some(Ok(now - since))
    }

    pub(crate) fn children(&self) -> Vec<Arc<Scope>> {
        self.lock().registry.children()
    }
}

fn tasks(seen: &[SeenScope]) -> Vec<LiveTask> {
    let mut live = Vec::new();
    for SeenScope { scope, tasks, .. } in seen {
        live.extend(tasks.iter().map(|task| LiveTask {
            path: scope.path_of(task.site),
            spawned_at: task.site.location(),
            since: task.since,
            kind: task.kind,
        }));
    }
    live
}
