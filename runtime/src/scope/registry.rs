//! The handles that a scope keeps of its tasks: to abort them, and to name those that are still alive.
//!
//! A handle keeps the whole memory of its task, so finished ones are swept out: when a task is added, and
//! when one ends, as soon as more than 2 × live + 64 are kept. A sweep drops at least half of what it looks at, so
//! its cost per task is constant.

use crate::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use tokio::task::{AbortHandle, Id, JoinHandle};

use super::Scope;
use crate::by_site::{ALL, BySite};
use crate::live::TaskKind;
use crate::site::Site;

/// The handle of a task. Where nobody else has the `JoinHandle`, that: dropping it, and making an `AbortHandle` first,
/// would each write to the task while another thread runs it.
#[derive(Debug)]
pub(crate) enum Handle {
    Held(AbortHandle),
    Discarded(JoinHandle<()>),
}

impl From<AbortHandle> for Handle {
    fn from(abort: AbortHandle) -> Self {
        Self::Held(abort)
    }
}

impl From<JoinHandle<()>> for Handle {
    fn from(join: JoinHandle<()>) -> Self {
        Self::Discarded(join)
    }
}

impl Handle {
    pub(super) fn abort_handle(&self) -> AbortHandle {
        match self {
            Self::Held(abort) => abort.clone(),
            Self::Discarded(join) => join.abort_handle(),
        }
    }
}

/// A task: what it takes to abort it and to name it. Flat, so that it is two words.
#[derive(Debug)]
pub(super) enum Entry {
    Held {
        abort: AbortHandle,
        /// In [`TICK`]s after the scope was opened.
        since: u32,
        /// Its place in `Sites`.
        site: u16,
        kind: TaskKind,
    },
    Discarded {
        join: JoinHandle<()>,
        since: u32,
        site: u16,
        kind: TaskKind,
    },
}

const _: () = assert!(size_of::<Entry>() <= 2 * size_of::<u64>());

impl Entry {
    pub(super) fn abort(&self) {
        match self {
            Self::Held { abort, .. } => abort.abort(),
            Self::Discarded { join, .. } => join.abort(),
        }
    }

    pub(super) fn is_finished(&self) -> bool {
        match self {
            Self::Held { abort, .. } => abort.is_finished(),
            Self::Discarded { join, .. } => join.is_finished(),
        }
    }

    pub(super) fn id(&self) -> Id {
        match self {
            Self::Held { abort, .. } => abort.id(),
            Self::Discarded { join, .. } => join.id(),
        }
    }

    pub(super) const fn kind(&self) -> TaskKind {
        match self {
            Self::Held { kind, .. } | Self::Discarded { kind, .. } => *kind,
        }
    }

    pub(super) fn into_handle(self) -> Handle {
        match self {
            Self::Held { abort, .. } => Handle::Held(abort),
            Self::Discarded { join, .. } => Handle::Discarded(join),
        }
    }
}

/// The sites of a scope's tasks: few, so that a task keeps no pointer but a number. Most scopes have one.
#[derive(Debug)]
struct Sites {
    first: Option<&'static Site>,
    more: Vec<&'static Site>,
    numbers: BySite<u16>,
    last: u16,
}

impl Sites {
    fn get(&self, number: u16) -> Option<&'static Site> {
        match number.checked_sub(1) {
            None => self.first,
            Some(place) => self.more.get(usize::from(place)).copied(),
        }
    }

    fn number(&mut self, site: &'static Site) -> u16 {
        let is_it = |known: &'static Site| std::ptr::eq(known, site);
        if self.get(self.last).is_some_and(is_it) {
            return self.last;
        }
        let first = *self.first.get_or_insert(site);
        self.last = if is_it(first) {
            0
        } else {
            // No program spawns from so many places into one scope.
            let next = u16::try_from(self.more.len() + 1).unwrap_or(u16::MAX);
            let number = self.numbers.get_or_add(site, ALL, || next);
            let number = number.copied().unwrap_or(u16::MAX);
            if number == next && next < u16::MAX {
                self.more.push(site);
            }
            number
        };
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
    /// The last time a task was added, and how many [`TICK`]s that is after `opened`.
    last: (Instant, u32),
    pub(super) tasks: Vec<Entry>,
    /// Those that are being aborted, which needs no lock. A second abort has a list of its own.
    pub(super) aborting: Vec<Arc<Vec<Entry>>>,
    /// How often tasks have moved from one list to another.
    pub(super) moves: usize,
    sites: Sites,
    pub(super) threads: Vec<Thread>,
    /// Open scopes inside this one; a hole is a place to reuse.
    children: Vec<Option<Weak<Scope>>>,
    holes: Vec<usize>,
    /// How many have left since the last trim.
    left: usize,
    /// Tasks that [`detach`](crate::detach) has let go: alive, but no longer waited for or cancelled.
    pub(super) detached: Vec<Id>,
}

/// How finely the age of a task is kept: four bytes last for more than two years, which the root, open for as long as
/// the process, needs.
const TICK: Duration = Duration::from_millis(16);

fn ticks(since: Duration) -> u32 {
    u32::try_from(since.as_millis() / TICK.as_millis()).unwrap_or(u32::MAX)
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
            last: (opened, 0),
            tasks: Vec::new(),
            aborting: Vec::new(),
            moves: 0,
            sites: Sites {
                first: None,
                more: Vec::new(),
                numbers: BySite::new(),
                last: 0,
            },
            threads: Vec::new(),
            children: Vec::new(),
            holes: Vec::new(),
            left: 0,
            detached: Vec::new(),
        }
    }

    pub(super) fn add(
        &mut self,
        handle: Handle,
        site: &'static Site,
        kind: TaskKind,
        now: Instant,
    ) {
        if now != self.last.0 {
            let since = now.saturating_duration_since(self.opened);
            self.last = (now, ticks(since));
        }
        let since = self.last.1;
        if self.tasks.len() == self.tasks.capacity() {
            // Half more instead of twice as much: less that lies idle.
            self.tasks.reserve_exact(4.max(self.tasks.len() / 2));
        }
        let site = self.sites.number(site);
        self.tasks.push(match handle {
            Handle::Held(abort) => Entry::Held {
                abort,
                since,
                site,
                kind,
            },
            Handle::Discarded(join) => Entry::Discarded {
                join,
                since,
                site,
                kind,
            },
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
        let (Entry::Held { since, .. } | Entry::Discarded { since, .. }) = entry;
        self.opened + TICK * *since
    }

    pub(super) fn site(&self, entry: &Entry) -> &'static Site {
        let (Entry::Held { site, .. } | Entry::Discarded { site, .. }) = entry;
        self.sites.get(*site).unwrap_or(Scope::root().site())
    }

    /// Those that are being aborted, and the others.
    pub(super) fn all(&self) -> impl Iterator<Item = &Entry> {
        let aborting = self.aborting.iter().flat_map(|list| list.iter());
        aborting.chain(&self.tasks)
    }

    /// Gives the tasks to one who aborts them. They can still be looked at here.
    pub(super) fn begin_abort(&mut self) -> Arc<Vec<Entry>> {
        let tasks = Arc::new(std::mem::take(&mut self.tasks));
        self.aborting.push(Arc::clone(&tasks));
        self.moves += 1;
        tasks
    }

    /// Takes them back.
    pub(super) fn end_abort(&mut self, tasks: Arc<Vec<Entry>>) {
        self.aborting.retain(|other| !Arc::ptr_eq(other, &tasks));
        self.moves += 1;
        // Whoever looks at them does so under the lock, and keeps nothing.
        if let Some(tasks) = Arc::into_inner(tasks) {
            let added = std::mem::replace(&mut self.tasks, tasks);
            self.tasks.extend(added);
        }
    }

    /// Takes out the handles of tasks that have ended. They are dropped when the lock is free: such a handle may be the last
    /// one of a payload, whose destructor is a user's.
    #[must_use = "dropped under the lock"]
    pub(super) fn sweep(&mut self) -> Vec<Entry> {
        let ended = self
            .tasks
            .extract_if(.., |entry| entry.is_finished())
            .collect();
        if self.tasks.capacity() > 4 * self.tasks.len() + SLACK {
            self.tasks.shrink_to(2 * self.tasks.len());
        }
        ended
    }

    /// Forgets the detached tasks that have ended.
    pub(super) fn forget_ended(&mut self) {
        let mut detached = std::mem::take(&mut self.detached);
        detached.retain(|id| {
            self.all()
                .any(|entry| entry.id() == *id && !entry.is_finished())
        });
        self.detached = detached;
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
        self.holes.push(place);
        self.left += 1;
        // So seldom that a trim which finds nothing to do costs nothing to speak of: it looks at every place.
        let (open, holes) = (self.children.len() - self.holes.len(), self.holes.len());
        if open == 0 || self.left > open + holes / 8 + SLACK {
            self.left = 0;
            self.trim();
        }
    }

    /// Gives back the places at the end that nobody has, so that a burst of scopes leaves nothing behind. The lowest hole is
    /// the next to be filled.
    fn trim(&mut self) {
        let used = self.children.iter().rposition(Option::is_some);
        let used = used.map_or(0, |last| last + 1);
        self.children.truncate(used);
        self.holes.retain(|hole| *hole < used);
        self.holes.sort_unstable_by(|one, other| other.cmp(one));
        self.children.shrink_to(2 * used + SLACK);
        self.holes.shrink_to(2 * used + SLACK);
    }

    pub(super) fn children(&self) -> Vec<Arc<Scope>> {
        self.children
            .iter()
            .filter_map(|child| child.as_ref()?.upgrade())
            .collect()
    }

    /// Puts the scopes of so many places from this one on into `piece`; gives where to go on, unless that was all.
    pub(super) fn children_from(
        &self,
        from: usize,
        places: usize,
        piece: &mut Vec<Arc<Scope>>,
    ) -> Option<usize> {
        let to = self.children.len().min(from + places);
        let children = self.children.get(from..to)?.iter();
        piece.extend(children.filter_map(|child| child.as_ref()?.upgrade()));
        (to < self.children.len()).then_some(to)
    }

    /// When its scope was opened.
    pub(super) const fn opened(&self) -> Instant {
        self.opened
    }

    /// Whether anything but detached tasks has not ended, as far as its handle tells.
    pub(super) fn is_held_up(&self) -> bool {
        self.children.len() > self.holes.len()
            || self.threads.iter().any(|thread| !thread.is_finished())
            || self
                .all()
                .any(|entry| !entry.is_finished() && !self.detached.contains(&entry.id()))
    }
}

#[cfg(test)]
mod tests {
    use super::{Registry, SLACK, TICK, ticks};
    use crate::sync::Weak;
    use std::time::{Duration, Instant};

    #[test]
    fn a_burst_of_scopes_leaves_nothing_behind() {
        const MANY: usize = 100_000;
        let mut registry = Registry::new(Instant::now());
        let open = |registry: &mut Registry| {
            let place = registry.add_child();
            registry.set_child(place, Weak::new());
            place
        };
        let first = open(&mut registry);
        let places: Vec<_> = (0..MANY).map(|_| open(&mut registry)).collect();
        for place in places {
            registry.remove_child(place);
        }
        // Those that come and go later make up for the work.
        for _ in 0..MANY / 8 + 2 * SLACK {
            let place = open(&mut registry);
            registry.remove_child(place);
        }
        let left = registry.children.len();
        assert!(left <= 2 * SLACK, "{left} places for one scope");
        assert!(registry.children.capacity() <= 8 * SLACK);
        registry.remove_child(first);
        assert_eq!(registry.children.len(), 0);
    }

    #[test]
    fn ages_are_right_in_a_process_that_is_up_for_a_year() {
        let since = Duration::from_secs(365 * 24 * 3600 + 5);
        let kept = TICK * ticks(since);
        assert!(kept <= since && since.saturating_sub(kept) < TICK);
    }
}
