//! What a snapshot tells of a scope and of a task.

use std::panic::Location;
use std::time::{Duration, Instant};

use tokio::task::Id;

use crate::live::TaskKind;
use crate::scope::{SeenScope, SeenTask, State};
use crate::site::Site;

/// The task that opened a scope, by its name and spawn site.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Owner {
    pub(super) name: &'static str,
    pub(super) spawned_at: &'static Location<'static>,
}

impl Owner {
    /// The name of the task.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Where the task was spawned.
    #[must_use]
    pub const fn spawned_at(&self) -> &'static Location<'static> {
        self.spawned_at
    }
}

/// A scope in a [`Tree`](super::Tree): the root, a group, or a shield.
#[derive(Clone, Debug)]
pub struct ScopeNode {
    pub(super) id: usize,
    pub(super) parent: Option<usize>,
    pub(super) site: &'static Site,
    pub(super) owner: Option<Owner>,
    pub(super) state: State,
    pub(super) shielded: bool,
    pub(super) age: Duration,
    pub(super) tasks: Vec<TaskNode>,
}

impl ScopeNode {
    pub(super) fn new(id: usize, seen: SeenScope, now: Instant) -> Self {
        let state = seen.scope.tree_state();
        let mut tasks: Vec<_> = seen.tasks.iter().collect();
        tasks.sort_by_key(|task| task.since);
        let tasks = tasks.into_iter();
        Self {
            id,
            parent: seen.parent,
            site: seen.scope.site(),
            owner: seen.scope.owner().map(|site| Owner {
                name: site.name(),
                spawned_at: site.location(),
            }),
            state,
            shielded: seen.scope.is_shielded(),
            age: now.saturating_duration_since(seen.opened),
            tasks: tasks.map(|task| TaskNode::new(task, state, now)).collect(),
        }
    }

    /// Its place in [`Tree::scopes`](super::Tree::scopes).
    #[must_use]
    pub const fn id(&self) -> usize {
        self.id
    }

    /// The place of the scope around it; `None` for the root. A group that was joined and has left detached tasks is inside
    /// the root.
    #[must_use]
    pub const fn parent(&self) -> Option<usize> {
        self.parent
    }

    /// The path of the function that opened it, unless it was named.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.site.name()
    }

    /// Where it was opened; `None` for the root.
    #[must_use]
    pub fn opened_at(&self) -> Option<&'static Location<'static>> {
        self.parent.map(|_| self.site.location())
    }

    /// The task that opened it; `None` if it was no task of rejoin's, or the body of a group.
    #[must_use]
    pub const fn owner(&self) -> Option<Owner> {
        self.owner
    }

    /// How far it has come.
    #[must_use]
    pub const fn state(&self) -> State {
        self.state
    }

    /// Whether it is a shield, which what is around it does not cancel.
    #[must_use]
    pub const fn is_shielded(&self) -> bool {
        self.shielded
    }

    /// How long it had been open.
    #[must_use]
    pub const fn age(&self) -> Duration {
        self.age
    }

    /// Its own tasks, the oldest first; those of the scopes inside it are theirs.
    #[must_use]
    pub fn tasks(&self) -> &[TaskNode] {
        &self.tasks
    }
}

/// A task in a [`Tree`](super::Tree).
#[derive(Clone, Debug)]
pub struct TaskNode {
    pub(super) id: Option<Id>,
    pub(super) site: &'static Site,
    pub(super) kind: TaskKind,
    pub(super) state: State,
    pub(super) age: Duration,
    pub(super) detached: bool,
}

impl TaskNode {
    fn new(task: &SeenTask, scope: State, now: Instant) -> Self {
        Self {
            id: task.id,
            site: task.site,
            kind: task.kind,
            state: match scope {
                State::Aborted if task.kind.can_abort() && !task.detached => State::Aborted,
                State::Aborted | State::Cancelled if !task.detached => State::Cancelled,
                _ => State::Running,
            },
            age: now.saturating_duration_since(task.since),
            detached: task.detached,
        }
    }

    /// The id that tokio gave it; `None` for a thread.
    #[must_use]
    pub const fn id(&self) -> Option<Id> {
        self.id
    }

    /// Its own name: the path of the function that spawned it, unless it was named.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.site.name()
    }

    /// Where it was spawned.
    #[must_use]
    pub const fn spawned_at(&self) -> &'static Location<'static> {
        self.site.location()
    }

    /// What kind of work it is.
    #[must_use]
    pub const fn kind(&self) -> TaskKind {
        self.kind
    }

    /// How far it has come: running, cancelled or aborted with its scope.
    #[must_use]
    pub const fn state(&self) -> State {
        self.state
    }

    /// How long ago it was spawned.
    #[must_use]
    pub const fn age(&self) -> Duration {
        self.age
    }

    /// Whether it was [let go](crate::detach) and has yet to move to the root, which it does when it is polled next.
    #[must_use]
    pub const fn is_detached(&self) -> bool {
        self.detached
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scope::Scope;

    const SITE: &Site = &Site::new("task");

    fn seen(kind: TaskKind, detached: bool, since: Instant) -> SeenTask {
        SeenTask {
            id: None,
            site: SITE,
            since,
            kind,
            detached,
        }
    }

    #[test]
    fn a_task_stops_with_its_scope_unless_it_was_let_go() {
        let now = Instant::now();
        let state = |scope, kind, detached| {
            let task = seen(kind, detached, now);
            TaskNode::new(&task, scope, now).state()
        };
        for kind in [TaskKind::Task, TaskKind::Blocking, TaskKind::Thread] {
            assert_eq!(state(State::Running, kind, false), State::Running);
            assert_eq!(state(State::Waiting, kind, false), State::Running);
            assert_eq!(state(State::Cancelled, kind, false), State::Cancelled);
            assert_eq!(state(State::Cancelled, kind, true), State::Running);
            assert_eq!(state(State::Aborted, kind, true), State::Running);
        }
        let aborted = |kind| state(State::Aborted, kind, false);
        assert_eq!(aborted(TaskKind::Task), State::Aborted);
        assert_eq!(aborted(TaskKind::Blocking), State::Cancelled);
        assert_eq!(aborted(TaskKind::Thread), State::Cancelled);
    }

    #[test]
    fn the_oldest_task_comes_first_however_they_were_read() {
        let began = Instant::now();
        let oldest = Duration::from_secs(5);
        let now = began + oldest;
        let spawned = [2, 4, 1, 4, 0].map(|after| began + Duration::from_secs(after));
        let tasks = spawned.map(|since| seen(TaskKind::Task, false, since));
        let scope = SeenScope {
            scope: Scope::root().clone(),
            parent: None,
            opened: now,
            tasks: tasks.into(),
        };
        let node = ScopeNode::new(0, scope, now);
        let ages: Vec<_> = node.tasks().iter().map(TaskNode::age).collect();
        assert_eq!(ages, [5, 4, 3, 1, 1].map(Duration::from_secs));
    }
}
