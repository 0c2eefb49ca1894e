//! Where a task is spawned, and what it is called.

use std::cell::Cell;
use std::collections::BTreeMap;
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
}

impl Site {
    /// The site of the caller, called `name`.
    #[track_caller]
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self {
            name,
            location: Location::caller(),
        }
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
        static ALL: Mutex<BTreeMap<(usize, &'static str), &'static Site>> =
            Mutex::new(BTreeMap::new());

        ALL.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .entry((std::ptr::from_ref(location).addr(), name))
            .or_insert_with(|| Box::leak(Box::new(Site { name, location })))
    }

    /// The site of a spawn that no attribute has seen: the same pointer for the same place, so that tasks
    /// spawned through functions need no more memory than those spawned through attributes.
    ///
    /// What is leaked is bounded by the number of call sites in the program.
    #[track_caller]
    pub(crate) fn here() -> &'static Site {
        thread_local! {
            static RECENT: Cell<Option<&'static Site>> = const { Cell::new(None) };
        }
        let location = Location::caller();
        let recent = RECENT.try_with(Cell::get).ok().flatten();
        if let Some(site) = recent.filter(|site| std::ptr::eq(site.location, location)) {
            return site;
        }
        let site = Self::interned("task", location);
        let _ = RECENT.try_with(|recent| recent.set(Some(site)));
        site
    }
}
