//! A look at a scope and all inside it that holds no lock for long.
//!
//! A lock is held for a piece of a list at a time, and the list may change between two pieces. What is alive from the
//! beginning of the look to its end is seen, and once:
//!
//! 1. The tasks of a scope are read from the last to the first. A sweep moves entries toward the front, and what is taken
//!    off is replaced by the last one, so an entry that was not read yet stays before those that were. What is read twice
//!    is known by its id.
//! 2. Scopes keep their places in the list of their parent.
//! 3. A task that is let go moves to the root, and so does a scope whose owner has left such tasks in it. So where the
//!    look began, the scopes are read again until none of them is new, and the tasks are read last of all.
//! 4. While a scope is being aborted its tasks are in a list of their own. When tasks have moved from list to list while
//!    they were read, they are read once more: a scope is aborted once, or a few times.
//! 5. A scope that was opened after the look began is left out: the look ends however fast others come.

use crate::sync::Arc;
use crate::sync::atomic::Ordering;
use std::collections::HashSet;
use std::time::{Duration, Instant};

use tokio::task::Id;

use super::registry::{Entry, Registry};
use super::{ABORTED, OPEN, Scope, State};
use crate::live::TaskKind;
use crate::site::Site;

/// How many entries are read under one lock: each may cost a cache miss, and a tenth of a millisecond is the aim.
const PIECE: usize = 256;

/// How long the lock is left alone between two pieces, so that who waits for it wakes up in time to take it. There is no
/// event to wait for instead: a lock does not tell whether somebody waits for it, and without the pause the next piece
/// takes it again before he is awake.
const PAUSE: Duration = Duration::from_micros(50);

/// A task that was alive.
#[derive(Debug)]
pub(crate) struct SeenTask {
    /// `None` for a thread.
    pub(crate) id: Option<Id>,
    pub(crate) site: &'static Site,
    pub(crate) since: Instant,
    pub(crate) kind: TaskKind,
    pub(crate) detached: bool,
}

/// A scope that was open.
#[derive(Debug)]
pub(crate) struct SeenScope {
    pub(crate) scope: Arc<Scope>,
    /// Its parent's place, which is before its own.
    pub(crate) parent: Option<usize>,
    pub(crate) opened: Instant,
    pub(crate) tasks: Vec<SeenTask>,
}

impl Scope {
    /// The scopes from this one down, it first, each with its tasks.
    pub(crate) fn snapshot(self: &Arc<Self>) -> Vec<SeenScope> {
        let mut look = Look {
            began: Instant::now(),
            scopes: Vec::new(),
            known: HashSet::new(),
            ids: HashSet::new(),
        };
        look.add(Arc::clone(self), None);
        let mut next = 0;
        while next < look.scopes.len() {
            look.read_children(next);
            if next > 0 {
                look.read_tasks(next);
            }
            next += 1;
            if next == look.scopes.len() {
                look.read_children(0);
            }
        }
        if !look.scopes.is_empty() {
            look.read_tasks(0);
        }
        look.scopes
    }

    /// The task that opened it.
    pub(crate) const fn owner(&self) -> Option<&'static Site> {
        self.owner
    }

    /// Whether what is around it does not cancel it.
    pub(crate) const fn is_shielded(&self) -> bool {
        self.shielded
    }

    pub(crate) fn tree_state(&self) -> State {
        match self.state.load(Ordering::Acquire) {
            OPEN if self.waits.load(Ordering::Relaxed) => State::Waiting,
            OPEN => State::Running,
            ABORTED => State::Aborted,
            _ => State::Cancelled,
        }
    }
}

struct Look {
    began: Instant,
    scopes: Vec<SeenScope>,
    known: HashSet<*const Scope>,
    ids: HashSet<Id>,
}

impl Look {
    fn add(&mut self, scope: Arc<Scope>, parent: Option<usize>) {
        // One that has ended, or is too new, is not remembered: its address may be that of another one soon.
        let opened = scope.lock().registry.opened();
        if scope.count.get() == 0 || (opened > self.began && parent.is_some()) {
            return;
        }
        if self.known.insert(Arc::as_ptr(&scope)) {
            self.scopes.push(SeenScope {
                scope,
                parent,
                opened,
                tasks: Vec::new(),
            });
        }
    }

    fn read_children(&mut self, of: usize) {
        let scope = Arc::clone(&self.scopes[of].scope);
        let mut from = Some(0);
        while let Some(start) = from {
            let mut piece = Vec::with_capacity(PIECE.min(scope.count.get().saturating_sub(1)));
            from = scope
                .lock()
                .registry
                .children_from(start, PIECE, &mut piece);
            for child in piece {
                self.add(child, Some(of));
            }
            if from.is_some() {
                std::thread::sleep(PAUSE);
            }
        }
    }

    fn read_tasks(&mut self, of: usize) {
        let scope = Arc::clone(&self.scopes[of].scope);
        let mut tasks = Vec::new();
        let inner = scope.lock();
        let detached = inner.registry.detached.clone();
        let threads = inner.registry.threads.iter();
        tasks.extend(
            threads
                .filter(|thread| !thread.is_finished())
                .map(|thread| SeenTask {
                    id: None,
                    site: thread.site,
                    since: thread.since,
                    kind: TaskKind::Thread,
                    detached: false,
                }),
        );
        drop(inner);
        let detached: HashSet<Id> = detached.into_iter().collect();
        loop {
            let inner = scope.lock();
            let (moves, lists) = (inner.registry.moves, inner.registry.aborting.len());
            drop(inner);
            self.read_list(&scope, &mut tasks, |registry| &registry.tasks);
            for list in 0..lists {
                self.read_list(&scope, &mut tasks, |registry| {
                    registry.aborting.get(list).map_or(&[], |list| &list[..])
                });
            }
            if scope.lock().registry.moves == moves {
                break;
            }
        }
        for task in &mut tasks {
            task.detached = task.id.is_some_and(|id| detached.contains(&id));
        }
        self.scopes[of].tasks = tasks;
    }

    /// Adds the tasks of a list that are not known yet.
    fn read_list(
        &mut self,
        scope: &Scope,
        tasks: &mut Vec<SeenTask>,
        list: impl Fn(&Registry) -> &[Entry],
    ) {
        let mut piece = Vec::new();
        let mut end = list(&scope.lock().registry).len();
        while end > 0 {
            // What takes memory, or time, is not under the lock.
            piece.reserve(PIECE.min(end));
            let inner = scope.lock();
            let registry = &inner.registry;
            let entries = list(registry);
            end = end.min(entries.len());
            let start = end.saturating_sub(PIECE);
            let alive = entries[start..end].iter();
            piece.extend(
                alive
                    .filter(|entry| !entry.is_finished())
                    .map(|entry| SeenTask {
                        id: Some(entry.id()),
                        site: registry.site(entry),
                        since: registry.since(entry),
                        kind: entry.kind(),
                        detached: false,
                    }),
            );
            drop(inner);
            let new = |task: &SeenTask| task.id.is_some_and(|id| self.ids.insert(id));
            tasks.extend(piece.drain(..).filter(new));
            end = start;
            if end > 0 {
                std::thread::sleep(PAUSE);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;
    use std::thread;

    use super::*;
    use crate::TaskGroup;
    use crate::panic::PanicError;

    /// More than one piece.
    const TASKS: usize = 600;

    fn group() -> TaskGroup<PanicError> {
        let group = TaskGroup::new();
        for _ in 0..TASKS {
            group.launch(std::future::pending::<()>());
        }
        group
    }

    #[tokio::test]
    async fn tasks_that_are_being_aborted_are_seen() {
        let group = group();
        let scope = group.scope();
        let tasks = scope.lock().registry.begin_abort();
        assert_eq!(scope.live().len(), TASKS);
        // One that comes meanwhile.
        group.launch(std::future::pending::<()>());
        assert_eq!(scope.live().len(), TASKS + 1);
        scope.lock().registry.end_abort(tasks);
        assert_eq!(scope.live().len(), TASKS + 1);
        group.cancel();
        group.join().await.unwrap();
    }

    #[tokio::test]
    async fn each_is_seen_once_while_they_go_and_come_back() {
        let group = group();
        let scope = group.scope();
        let done = AtomicBool::new(false);
        thread::scope(|threads| {
            threads.spawn(|| {
                for _ in 0..200 {
                    let tasks = scope.lock().registry.begin_abort();
                    thread::yield_now();
                    scope.lock().registry.end_abort(tasks);
                    thread::yield_now();
                }
                done.store(true, Ordering::Release);
            });
            while !done.load(Ordering::Acquire) {
                assert_eq!(scope.live().len(), TASKS);
            }
        });
        group.cancel();
        group.join().await.unwrap();
    }
}
