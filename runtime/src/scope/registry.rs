//! The handles that a scope keeps of its tasks: to abort them, and to name those that are still alive.
//!
//! An `AbortHandle` keeps the whole memory of its task, so finished ones are swept out: when a task is added, and
//! when one ends, as soon as more than 2 × live + 64 are kept. A sweep drops at least half of what it looks at, so
//! its cost per task is constant.

use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use tokio::task::{AbortHandle, Id};

use super::Scope;
use crate::context;
use crate::live::TaskKind;
use crate::site::Site;

/// A task: what it takes to abort it and to name it.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) abort: AbortHandle,
    /// Its place in `Sites`.
    site: u16,
    /// Milliseconds after the scope was opened; enough for 49 days.
    since: u32,
    pub(super) kind: TaskKind,
}

/// The sites of a scope's tasks: few, so that a task keeps no pointer but a number.
#[derive(Debug)]
struct Sites {
    known: Vec<&'static Site>,
    last: u16,
}

impl Sites {
    fn number(&mut self, site: &'static Site) -> u16 {
        let is_it = |known: &&'static Site| std::ptr::eq(*known, site);
        if self.known.get(usize::from(self.last)).is_some_and(is_it) {
            return self.last;
        }
        let at = self.known.iter().position(|known| is_it(&known));
        let at = at.unwrap_or_else(|| {
            self.known.push(site);
            self.known.len() - 1
        });
        // No program spawns from so many places into one scope.
        self.last = u16::try_from(at).unwrap_or(u16::MAX);
        self.last
    }
}

/// A thread has no handle that tells whether it has ended: its end drops the other half of `running`.
#[derive(Debug)]
pub(super) struct Thread {
    running: Weak<()>,
    pub(super) site: &'static Site,
    pub(super) since: Instant,
}

impl Thread {
    pub(super) fn is_finished(&self) -> bool {
        self.running.strong_count() == 0
    }
}

#[derive(Debug)]
pub(super) struct Registry {
    opened: Instant,
    pub(super) tasks: Vec<Entry>,
    sites: Sites,
    pub(super) threads: Vec<Thread>,
    /// Open scopes inside this one; a hole is a place to reuse.
    children: Vec<Option<Weak<Scope>>>,
    holes: Vec<usize>,
    /// Tasks that [`detach`](crate::detach) has let go: alive, but no longer waited for or cancelled.
    pub(super) detached: Vec<Id>,
}

/// Sweeping smaller lists is not worth its time.
const SLACK: usize = 48;

/// Whether so many handles are too many for so many live tasks.
pub(super) const fn is_crowded(kept: usize, live: usize) -> bool {
    kept > 2 * live + SLACK
}

impl Registry {
    pub(super) const fn new(opened: Instant) -> Self {
        Self {
            opened,
            tasks: Vec::new(),
            sites: Sites {
                known: Vec::new(),
                last: 0,
            },
            threads: Vec::new(),
            children: Vec::new(),
            holes: Vec::new(),
            detached: Vec::new(),
        }
    }

    pub(super) fn add(&mut self, abort: AbortHandle, site: &'static Site, kind: TaskKind) {
        let since = context::now().saturating_duration_since(self.opened);
        let since = u32::try_from(since.as_millis()).unwrap_or(u32::MAX);
        if self.tasks.len() == self.tasks.capacity() {
            // Half more instead of twice as much: less that lies idle.
            self.tasks.reserve_exact(16.max(self.tasks.len() / 2));
        }
        self.tasks.push(Entry {
            abort,
            site: self.sites.number(site),
            since,
            kind,
        });
    }

    pub(super) fn add_thread(&mut self, running: &Arc<()>, site: &'static Site) {
        self.threads.retain(|thread| !thread.is_finished());
        self.threads.push(Thread {
            running: Arc::downgrade(running),
            site,
            since: Instant::now(),
        });
    }

    pub(super) fn since(&self, entry: &Entry) -> Instant {
        self.opened + Duration::from_millis(entry.since.into())
    }

    pub(super) fn site(&self, entry: &Entry) -> &'static Site {
        self.sites.known[usize::from(entry.site)]
    }

    /// Drops the handles of tasks that have ended.
    pub(super) fn sweep(&mut self) {
        self.tasks.retain(|entry| !entry.abort.is_finished());
        if self.tasks.capacity() > 4 * self.tasks.len() + SLACK {
            self.tasks.shrink_to(2 * self.tasks.len());
        }
    }

    /// Forgets the detached tasks that have ended.
    pub(super) fn forget_ended(&mut self) {
        let tasks = &self.tasks;
        self.detached.retain(|id| {
            let mut tasks = tasks.iter();
            tasks.any(|entry| entry.abort.id() == *id && !entry.abort.is_finished())
        });
    }

    pub(super) fn add_child(&mut self) -> usize {
        self.holes.pop().unwrap_or_else(|| {
            self.children.push(None);
            self.children.len() - 1
        })
    }

    pub(super) fn set_child(&mut self, place: usize, child: Weak<Scope>) {
        self.children[place] = Some(child);
    }

    pub(super) fn remove_child(&mut self, place: usize) {
        self.children[place] = None;
        if place + 1 == self.children.len() {
            self.children.pop();
        } else {
            self.holes.push(place);
        }
    }

    pub(super) fn children(&self) -> Vec<Arc<Scope>> {
        self.children
            .iter()
            .filter_map(|child| child.as_ref()?.upgrade())
            .collect()
    }

    /// Whether anything but detached tasks has not ended, as far as its handle tells.
    pub(super) fn is_held_up(&self) -> bool {
        self.children.len() > self.holes.len()
            || self.threads.iter().any(|thread| !thread.is_finished())
            || self.tasks.iter().any(|entry| {
                !entry.abort.is_finished() && !self.detached.contains(&entry.abort.id())
            })
    }
}
