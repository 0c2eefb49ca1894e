//! What runs in this process, as a tree of scopes and tasks.
//!
//! [`tree()`] takes a snapshot of the [root](crate::root) and all inside it: groups within groups, and in each of them its
//! tasks, with their names, where they were spawned, how old they are, and whether they have been told to stop. It is
//! for a person who looks at a service that hangs, and for tests that ask who is still there.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")] async fn main() {
//! let group = rejoin::TaskGroup::<std::io::Error>::builder().name("orders").open();
//! let pay = group.spawn(std::future::pending::<()>());
//! let mail = rejoin::spawn(std::future::pending::<()>());
//!
//! let tree = rejoin::tree();
//! println!("{tree}");
//! # let text = tree.to_string();
//! # assert!(text.contains("└─ orders"), "{text}");
//! # mail.abort(); drop((group, pay));
//! # }
//! ```
//!
//! prints
//!
//! ```text
//! 2 tasks in 1 group
//!
//! NAME       STATE     AGE  KIND   WHERE
//! root       running  12ms
//! ├─ task    running   0ms  task   src/main.rs:3:12
//! └─ orders  running   0ms  group  src/main.rs:1:59
//!    └─ task running   0ms  task   src/main.rs:2:17
//! ```
//!
//! Where there are many, those that are alike share a line: `97 × mail` with the age of the oldest. [`Tree`] says when.
//!
//! # What it costs
//!
//! Nothing per poll: a snapshot reads what scopes keep anyhow. It takes each scope's lock for a few hundred tasks at a
//! time and leaves it alone in between, so that nobody who spawns has to wait for the whole of it.
//!
//! # What it shows
//!
//! What was alive from the beginning of the snapshot to its end is in it, once. Tasks that come or go meanwhile may be in
//! it or not. A task that nobody of rejoin's has spawned is not known here. Ages of tasks are right to 16 ms.

mod node;
#[cfg(feature = "page")]
mod page;
mod rows;
#[cfg(feature = "serde")]
mod serialize;
mod text;
#[cfg(test)]
mod text_tests;

use std::time::{Instant, SystemTime};

pub use node::{Owner, ScopeNode, TaskNode};
#[cfg(feature = "page")]
pub use page::router;

use crate::scope::Scope;
pub use crate::scope::State;
use crate::shutdown;

/// Takes a snapshot of every scope and task of this process, on whatever runtime.
///
/// It blocks the thread until it has read them, and steps aside in between: about a microsecond for each task. Where there
/// may be tens of thousands, call it from [`spawn_blocking`](crate::spawn_blocking).
///
/// # Example
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let mail = rejoin::spawn(std::future::pending::<()>());
/// let tree = rejoin::tree();
/// assert_eq!(tree.task_count(), 1);
/// assert_eq!(tree.root().tasks()[0].kind(), rejoin::TaskKind::Task);
/// # mail.abort();
/// # }
/// ```
#[must_use = "a snapshot does nothing but be looked at"]
pub fn tree() -> Tree {
    let taken_at = SystemTime::now();
    let now = Instant::now();
    let shutting_down = shutdown::is_requested();
    let seen = Scope::root().snapshot();
    let scopes = seen.into_iter().enumerate();
    Tree {
        taken_at,
        shutting_down,
        scopes: scopes
            .map(|(id, seen)| ScopeNode::new(id, seen, now))
            .collect(),
    }
}

/// A snapshot of the scopes and tasks of this process: see [`tree()`].
///
/// It is flat: a list of scopes, each with the place of its parent, so that groups nested ten thousand deep are no
/// trouble.
///
/// # As text
///
/// `{}` gives each scope and task a line as long as there are at most forty of them. Beyond that, those that are alike share
/// one: tasks of one name, spawn site, kind and state in one scope, and scopes of one name, place, owner and state inside
/// one, with the number of them and the age of the oldest. So the text is as long as the program has spawn sites, however many
/// tasks there are. `{:#}` gives each its own line always. The oldest come first. Control characters in names are escaped.
///
/// # As JSON
///
/// With the feature `serde` it is `Serialize`. These are its fields; ages are in seconds:
///
/// ```json
/// {
///   "taken_at": 1760000000.5,
///   "shutting_down": false,
///   "task_count": 1,
///   "scope_count": 1,
///   "scopes": [{
///     "id": 0,
///     "parent": null,
///     "name": "root",
///     "opened_at": null,
///     "owner": null,
///     "state": "running",
///     "shielded": false,
///     "age": 12.5,
///     "tasks": [{
///       "id": "17",
///       "name": "mail",
///       "spawned_at": "src/main.rs:10:5",
///       "kind": "task",
///       "state": "running",
///       "age": 3.2,
///       "detached": false
///     }]
///   }]
/// }
/// ```
///
/// `taken_at` counts from the Unix epoch; `id` of a scope is its place in `scopes`, where a parent comes before its
/// children; an `owner` has the fields `name` and `spawned_at`; `id` of a task is tokio's, `null` for a thread. Fields may
/// be added.
#[derive(Clone, Debug)]
pub struct Tree {
    taken_at: SystemTime,
    shutting_down: bool,
    scopes: Vec<ScopeNode>,
}

impl Tree {
    /// When the snapshot was begun.
    #[must_use]
    pub const fn taken_at(&self) -> SystemTime {
        self.taken_at
    }

    /// Whether [shutdown was requested](crate::shutdown_requested): then what is alive is what the process waits for.
    #[must_use]
    pub const fn is_shutting_down(&self) -> bool {
        self.shutting_down
    }

    /// The scope around all others.
    #[must_use]
    pub fn root(&self) -> &ScopeNode {
        &self.scopes[0]
    }

    /// Every scope, the root first, and each after the one around it.
    #[must_use]
    pub fn scopes(&self) -> &[ScopeNode] {
        &self.scopes
    }

    /// The scope around another one; `None` for the root.
    ///
    /// # Panics
    ///
    /// May panic on a scope of another snapshot.
    #[must_use]
    pub fn parent(&self, scope: &ScopeNode) -> Option<&ScopeNode> {
        Some(&self.scopes[scope.parent()?])
    }

    /// The scopes directly inside one.
    ///
    /// # Example
    ///
    /// ```
    /// let group = rejoin::TaskGroup::<std::io::Error>::builder().name("orders").open();
    /// let tree = rejoin::tree();
    /// let names: Vec<_> = tree.children(tree.root()).map(|scope| scope.name()).collect();
    /// assert_eq!(names, ["orders"]);
    /// # drop(group);
    /// ```
    pub fn children<'a>(
        &'a self,
        scope: &ScopeNode,
    ) -> impl Iterator<Item = &'a ScopeNode> + use<'a> {
        let id = scope.id();
        let below = self.scopes.iter();
        below.filter(move |scope| scope.parent() == Some(id))
    }

    /// Every task, each with the scope that it belongs to.
    pub fn tasks(&self) -> impl Iterator<Item = (&ScopeNode, &TaskNode)> {
        self.scopes
            .iter()
            .flat_map(|scope| scope.tasks().iter().map(move |task| (scope, task)))
    }

    /// How many tasks there are, threads and blocking ones included.
    #[must_use]
    pub fn task_count(&self) -> usize {
        let counts = self.scopes.iter();
        counts.map(|scope| scope.tasks().len()).sum()
    }
}
