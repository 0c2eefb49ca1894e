//! Where a task is spawned, and what it is called.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt;
use std::panic::Location;
use std::sync::{Mutex, PoisonError};

/// What tells one place in the source from all others. A site may be there twice: once for each type of a generic function.
pub(crate) type Place = (&'static str, &'static str, u32, u32);

/// The name and the place of a spawn, or of the function that opened a group.
///
/// One of these exists for each spawn in the source, as a constant, so that a task carries a single pointer.
#[derive(Debug)]
pub struct Site {
    name: &'static str,
    location: &'static Location<'static>,
    /// The function whose group takes the task's error, where the spawn is discarded in one that does.
    group: Option<&'static GroupId>,
    /// The number of the spawn's slot in that function.
    slot: u32,
}

/// The identity of a function that opens groups: the address of a `static` in its body.
///
/// All instances of a generic function share it, so an error that belongs to the group by it may still be of another type
/// than the slot in the frame that is about to convert it.
#[derive(Debug)]
pub struct GroupId {
    site: Site,
}

impl GroupId {
    /// The function at the place of the caller.
    #[track_caller]
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self {
            site: Site::new(name),
        }
    }

    pub(crate) const fn site(&'static self) -> &'static Site {
        &self.site
    }

    pub(crate) fn is(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Site {
    /// The site of the caller, called `name`.
    #[track_caller]
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self {
            name,
            location: Location::caller(),
            group: None,
            slot: 0,
        }
    }

    /// The site of a discarded spawn at the place of the caller: the function of `group` takes the task's error, by the
    /// slot of this number.
    #[track_caller]
    #[must_use]
    pub const fn in_group(name: &'static str, group: &'static GroupId, slot: u32) -> Self {
        Self {
            name,
            location: Location::caller(),
            group: Some(group),
            slot,
        }
    }

    /// Whether errors of tasks that are spawned here belong to the groups of this function.
    pub(crate) fn is_in(&self, group: &GroupId) -> bool {
        self.group.is_some_and(|own| own.is(group))
    }

    pub(crate) const fn slot(&self) -> u32 {
        self.slot
    }

    /// What the task is called: the path of the function that spawns it, unless it was named.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Where the spawn is written.
    #[must_use]
    pub const fn location(&self) -> &'static Location<'static> {
        self.location
    }

    pub(crate) const fn place(&self) -> Place {
        let at = self.location;
        (self.name, at.file(), at.line(), at.column())
    }

    /// The site of a group that was named in a builder: one for each name and place.
    pub(crate) fn interned(
        name: &'static str,
        location: &'static Location<'static>,
    ) -> &'static Site {
        Self::interned_in(name, location, None)
    }

    fn interned_in(
        name: &'static str,
        location: &'static Location<'static>,
        group: Option<&'static GroupId>,
    ) -> &'static Site {
        type Key = (usize, &'static str, usize);
        static ALL: Mutex<BTreeMap<Key, &'static Site>> = Mutex::new(BTreeMap::new());

        let address = group.map_or(0, |group| std::ptr::from_ref(group).addr());
        ALL.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .entry((std::ptr::from_ref(location).addr(), name, address))
            .or_insert_with(|| {
                Box::leak(Box::new(Site {
                    name,
                    location,
                    group,
                    slot: 0,
                }))
            })
    }

    /// The site of a spawn that no attribute has seen: the same pointer for the same place, so that tasks
    /// spawned through functions need no more memory than those spawned through attributes.
    ///
    /// What is leaked is bounded by the number of call sites in the program.
    #[track_caller]
    pub(crate) fn here() -> &'static Site {
        Self::here_in(None)
    }

    /// As [`here`](Self::here), where a group takes the task's error.
    #[track_caller]
    pub(crate) fn here_in(group: Option<&'static GroupId>) -> &'static Site {
        thread_local! {
            static RECENT: Cell<Option<&'static Site>> = const { Cell::new(None) };
        }
        let location = Location::caller();
        let recent = RECENT.try_with(Cell::get).ok().flatten();
        if let Some(site) = recent
            && std::ptr::eq(site.location, location)
            && site.group.is_some() == group.is_some()
        {
            return site;
        }
        let site = Self::interned_in("task", location, group);
        let _ = RECENT.try_with(|recent| recent.set(Some(site)));
        site
    }
}

/// What a report says of the task that runs.
#[derive(Clone, Debug)]
pub(crate) struct TaskInfo {
    /// The names of the scopes around the task and its own, joined by `/`.
    pub(crate) path: String,
    /// Where it was spawned; `None` for the body of a group.
    pub(crate) site: Option<&'static Site>,
}

impl TaskInfo {
    /// Its own name, the last of the path.
    pub(crate) fn name(&self) -> &str {
        last_name(&self.path)
    }
}

/// The last name of a path.
pub(crate) fn last_name(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

/// " (spawned at f.rs:3:4)", or nothing.
pub(crate) struct SpawnedAt(pub(crate) Option<&'static Location<'static>>);

impl fmt::Display for SpawnedAt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .map_or(Ok(()), |location| write!(f, " (spawned at {location})"))
    }
}
