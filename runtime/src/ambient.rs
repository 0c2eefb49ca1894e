//! The ambient scope: which scope, and which task of it, the code on this thread runs for.
//!
//! A thread-local holds it only while one of our futures is polled. The `Arc` is moved in before the poll and
//! moved out after it, so a poll costs no reference count. Futures that are polled inside of it belong to it, tokio tasks
//! that nobody annotated do not.

use crate::sync::{Arc, Global, Mutex};
use std::cell::Cell;
use std::sync::OnceLock;
use std::time::Instant;

use tokio::task::Id;

use crate::by_site::{ALL, BySite};
use crate::limit::Place;
use crate::options::Options;
use crate::panic::{self, Hooks};
use crate::request::Request;
use crate::scope::{Opening, Scope};
use crate::site::{Site, TaskInfo};
use crate::{clock, policy, report, watchdog};

/// Who is running.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Role {
    /// A task of the scope, spawned here.
    Task(&'static Site),
    /// The body of the function that opened the scope.
    Body,
}

/// A scope, and what those have in common who share this: the tasks that are spawned at one place, and the body that
/// spawned there first.
///
/// A task has one pointer to it, and nothing else of its own. Whoever spawns keeps the contexts of its tasks, so that they
/// are found without a lock.
///
/// In this order: each poll reads what comes last, a cache line away from the count of references, which each spawn and
/// each end of a task writes.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct Context {
    /// Those of the tasks that are spawned from here, at other places.
    kept: BySite<Arc<Context>>,
    /// Puts `rich` and `scope` a cache line away from the count.
    apart: [usize; 1],
    /// How many contexts keep each other in a row from the body on: bounded, as they are dropped inside each other.
    depth: u8,
    /// Where its tasks are spawned; not known before the first of them.
    site: OnceLock<&'static Site>,
    /// Nobody shares a context that has this.
    pub(crate) rich: Option<Box<TaskExt>>,
    pub(crate) scope: Arc<Scope>,
}

/// What only some tasks have, so that the others pay nothing for it.
#[derive(Debug)]
pub(crate) struct TaskExt {
    #[cfg(feature = "tracing")]
    pub(crate) span: Mutex<Option<tracing::Span>>,
    pub(crate) place: Mutex<Option<Place>>,
    pub(crate) index: u32,
}

/// How many levels of contexts are kept by one, by its own depth: those of every place by a body and by its tasks, those of
/// 21 by the tasks of tasks. Code that spawns at more places there makes new ones, and so does what is deeper: what is kept
/// is bounded by the places of the source, and not by the ways through them.
const LEVELS: [usize; 4] = [ALL, ALL, 3, 3];

impl Context {
    /// For the body of a scope, or what stands beside it.
    pub(crate) const fn new(scope: Arc<Scope>) -> Self {
        Self {
            scope,
            site: OnceLock::new(),
            rich: None,
            depth: 0,
            kept: BySite::new(),
            apart: [0],
        }
    }

    /// For the tasks of one place.
    pub(crate) fn at(scope: Arc<Scope>, site: &'static Site) -> Self {
        Self {
            site: OnceLock::from(site),
            ..Self::new(scope)
        }
    }

    /// For a task that shares it with nobody, if it has something of its own.
    pub(crate) fn with_rich(self, rich: Option<Box<TaskExt>>) -> Self {
        Self { rich, ..self }
    }

    /// Where its tasks are spawned.
    #[inline]
    pub(crate) fn site(&self) -> Option<&'static Site> {
        self.site.get().copied()
    }

    /// The context of the tasks that are spawned from here at this place.
    #[inline]
    pub(crate) fn of_task(self: &Arc<Self>, site: &'static Site) -> Arc<Self> {
        if std::ptr::eq(*self.site.get_or_init(|| site), site) && self.rich.is_none() {
            return Arc::clone(self);
        }
        self.of_other_task(site)
    }

    fn of_other_task(&self, site: &'static Site) -> Arc<Self> {
        let make = || {
            let below = Self::at(Arc::clone(&self.scope), site);
            let depth = self.depth.saturating_add(1);
            Arc::new(Self { depth, ..below })
        };
        let levels = LEVELS.get(usize::from(self.depth)).copied();
        let kept = self.kept.get_or_add(site, levels.unwrap_or(0), make);
        kept.map_or_else(make, Arc::clone)
    }
}

/// A context, and who it is that runs or spawns there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Current<'a> {
    pub(crate) context: &'a Arc<Context>,
    part: Part,
}

/// What of a scope runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Task,
    Body,
}

impl<'a> Current<'a> {
    pub(crate) const fn body(context: &'a Arc<Context>) -> Self {
        Self {
            context,
            part: Part::Body,
        }
    }

    pub(crate) const fn task(context: &'a Arc<Context>) -> Self {
        Self {
            context,
            part: Part::Task,
        }
    }

    #[inline]
    pub(crate) fn scope(self) -> &'a Arc<Scope> {
        &self.context.scope
    }

    #[inline]
    pub(crate) fn role(self) -> Role {
        match (self.part, self.context.site()) {
            (Part::Task, Some(site)) => Role::Task(site),
            _ => Role::Body,
        }
    }
}

/// What a thread knows while it runs for a scope of ours.
struct Ambient {
    context: Cell<Option<Arc<Context>>>,
    part: Cell<Part>,
    /// The tokio task in which the context was entered.
    task: Cell<Option<Id>>,
    clock: Cell<Clock>,
    /// See [`stand_in`].
    stand_in: Cell<Option<Arc<Context>>>,
}

crate::sync::thread_local! {
    static AMBIENT: Ambient = const {
        Ambient {
            context: Cell::new(None),
            part: Cell::new(Part::Body),
            task: Cell::new(None),
            clock: Cell::new(Clock::Runs),
            stand_in: Cell::new(None),
        }
    };
}

/// What stands where a task keeps its context while that is the ambient one: a task has no room to say that there is none.
#[inline]
pub(crate) fn stand_in() -> Arc<Context> {
    let kept = AMBIENT.try_with(|ambient| ambient.stand_in.take());
    kept.ok()
        .flatten()
        .unwrap_or_else(|| Arc::clone(of_root().context))
}

/// Keeps what has stood in for the next time: so a poll costs no reference count.
#[inline]
pub(crate) fn keep_stand_in(context: Arc<Context>) {
    let mut context = Some(context);
    let _ = AMBIENT.try_with(|ambient| ambient.stand_in.set(context.take()));
}

/// What time it is for the tasks that this thread spawns.
///
/// Reading the clock is a good part of what it takes to spawn, so within one poll it is read once: a task is taken
/// for older than it is by no more than the poll of its spawner had lasted.
#[derive(Clone, Copy, Debug)]
enum Clock {
    /// No poll: a closure, which may run for hours, or a thread with no scope of ours.
    Runs,
    /// A poll that has not asked yet.
    Unread,
    Stands(Instant),
}

/// The time, to date a task that is being spawned.
pub(crate) fn now() -> Instant {
    let now = AMBIENT.try_with(|Ambient { clock, .. }| match clock.get() {
        Clock::Stands(at) => at,
        Clock::Runs => Instant::now(),
        Clock::Unread => {
            let now = Instant::now();
            clock.set(Clock::Stands(now));
            now
        }
    });
    now.unwrap_or_else(|_| Instant::now())
}

/// Says that what runs is no poll: it may take any time.
pub(crate) fn let_clock_run() {
    let _ = AMBIENT.try_with(|ambient| ambient.clock.set(Clock::Runs));
}

/// Runs `f` with the context in `slot` as the ambient one; it is back in the slot afterwards, also when `f` unwinds.
#[inline]
pub(crate) fn enter<R>(slot: &mut Option<Arc<Context>>, part: Part, f: impl FnOnce() -> R) -> R {
    enter_at(slot, part, None, f)
}

/// As [`enter`], with the time if that was just asked.
#[inline]
pub(crate) fn enter_at<R>(
    slot: &mut Option<Arc<Context>>,
    part: Part,
    now: Option<Instant>,
    f: impl FnOnce() -> R,
) -> R {
    struct Restore<'a> {
        slot: &'a mut Option<Arc<Context>>,
        outer: Option<Arc<Context>>,
        part: Part,
        task: Option<Id>,
        clock: Clock,
    }
    impl Drop for Restore<'_> {
        #[inline]
        fn drop(&mut self) {
            let outer = self.outer.take();
            let inner = AMBIENT.try_with(|ambient| {
                ambient.clock.set(self.clock);
                ambient.task.set(self.task);
                ambient.part.set(self.part);
                ambient.context.replace(outer)
            });
            if let Ok(Some(inner)) = inner {
                *self.slot = Some(inner);
            }
        }
    }

    let outer = AMBIENT.try_with(|ambient| {
        let outer = ambient.context.replace(slot.take());
        let part = ambient.part.replace(part);
        let task = ambient.task.replace(tokio::task::try_id());
        let clock = now.map_or(Clock::Unread, Clock::Stands);
        (outer, part, task, ambient.clock.replace(clock))
    });
    let Ok((outer, part, task, clock)) = outer else {
        // The thread is ending and its locals are gone: what is spawned now belongs to the root.
        return f();
    };
    let _restore = Restore {
        slot,
        outer,
        part,
        task,
        clock,
    };
    f()
}

/// A look at the ambient context, without taking part in its reference count for longer than `f`.
#[inline]
pub(crate) fn with<R>(f: impl FnOnce(Option<Current<'_>>) -> R) -> R {
    /// Puts the context back, also when `f` unwinds.
    struct Return<'a>(&'a Cell<Option<Arc<Context>>>, Option<Arc<Context>>);
    impl Drop for Return<'_> {
        #[inline]
        fn drop(&mut self) {
            self.0.set(self.1.take());
        }
    }

    let mut f = Some(f);
    let seen = AMBIENT.try_with(|ambient| {
        let held = Return(&ambient.context, ambient.context.take());
        let part = ambient.part.get();
        let current = held.1.as_ref().map(|context| Current { context, part });
        // A `LocalSet` or a nested runtime that is driven here may be polling a task of its own: that one is outside of all
        // scopes, as on any other runtime.
        let current = current.filter(|_| ambient.task.get() == tokio::task::try_id());
        f.take().map(|f| f(current))
    });
    match (seen, f) {
        (Ok(Some(result)), _) => result,
        (_, Some(f)) => f(None),
        (_, None) => unreachable!("the closure is either run or still here"),
    }
}

/// The context of code that no scope of ours is around.
#[inline]
pub(crate) fn of_root() -> Current<'static> {
    static ROOT: Global<Arc<Context>> = Global::new();
    Current::body(ROOT.get_or_init(|| {
        install();
        Arc::new(Context::new(Arc::clone(Scope::root())))
    }))
}

/// A look at the ambient context, or the root's.
#[inline]
pub(crate) fn with_current<R>(f: impl FnOnce(Current<'_>) -> R) -> R {
    with(|current| match current {
        Some(current) => f(current),
        None => f(of_root()),
    })
}

/// The ambient scope, or the root.
pub(crate) fn scope() -> Arc<Scope> {
    with_current(|current| Arc::clone(current.scope()))
}

/// Opens a scope inside the ambient one.
pub(crate) fn open(site: &'static Site, options: &Options) -> Arc<Scope> {
    open_scope(site, options, false)
}

/// Opens a scope that the ambient one waits for but does not cancel, without a deadline.
pub(crate) fn open_shielded(site: &'static Site) -> Arc<Scope> {
    open_scope(site, &Options::isolating(), true)
}

fn open_scope(site: &'static Site, options: &Options, shielded: bool) -> Arc<Scope> {
    let (parent, role) = with_current(|current| (Arc::clone(current.scope()), current.role()));
    let owner = match role {
        Role::Task(site) => Some(site),
        Role::Body => None,
    };
    let opening = Opening {
        site,
        owner,
        options,
        shielded,
    };
    Scope::open(parent, &opening)
}

/// Whether what runs on this thread is a task of a scope that has been aborted: tokio drops it at its next await.
pub(crate) fn is_aborted_task() -> bool {
    with(|current| {
        current.is_some_and(|current| {
            matches!(current.role(), Role::Task(_)) && current.scope().is_aborted()
        })
    })
}

/// Puts the panic hook in place, the first time, and connects the layers below with those that they call: `panic` with the
/// reports, and the clock with the watchdog.
///
/// Each entry of the crate from which a panic can be caught calls it: the ambient scope, and the public functions that need
/// no scope.
#[inline]
pub(crate) fn install() {
    static HOOKS: Hooks = Hooks {
        task: current_task,
        request: current_request,
        report: report::tell,
        report_in_hook: report::tell_in_hook,
        installed: policy::read_environment,
    };
    if !panic::is_installed() {
        clock::set_look(watchdog::look);
        panic::install(&HOOKS);
    }
}

/// The request that is being served here, or for which the scope around was opened.
fn current_request() -> Option<String> {
    let here = Request::current().name();
    here.or_else(|| with(|current| current?.scope().request()))
}

/// The task that runs on this thread. Takes no lock, so that the panic hook may ask.
fn current_task() -> Option<TaskInfo> {
    with(|current| {
        let scope = current?.scope();
        Some(match current?.role() {
            Role::Task(site) => TaskInfo {
                path: scope.path_of(site),
                site: Some(site),
            },
            Role::Body => TaskInfo {
                path: scope.path(),
                site: None,
            },
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    static SITES: [Site; 3] = [Site::new("one"), Site::new("two"), Site::new("three")];

    fn body() -> Arc<Context> {
        Arc::new(Context::new(Arc::clone(Scope::root())))
    }

    #[test]
    fn the_tasks_of_one_place_share_a_context() {
        let body = body();
        let [one, two, three] = SITES.each_ref().map(|site| body.of_task(site));
        assert!(Arc::ptr_eq(&one, &body), "the first place is the body's");
        for (site, context) in SITES.iter().zip([one, two, three]) {
            assert!(Arc::ptr_eq(&context, &body.of_task(site)));
            assert!(Arc::ptr_eq(&context, &context.of_task(site)));
            assert_eq!(context.site().map(Site::name), Some(site.name()));
        }
    }

    #[test]
    fn a_context_with_something_of_its_own_is_not_shared() {
        let rich = TaskExt {
            #[cfg(feature = "tracing")]
            span: Mutex::new(None),
            place: Mutex::new(None),
            index: 1,
        };
        let rich =
            Context::at(Arc::clone(Scope::root()), &SITES[0]).with_rich(Some(Box::new(rich)));
        let rich = Arc::new(rich);
        let plain = rich.of_task(&SITES[0]);
        assert!(plain.rich.is_none());
        assert!(Arc::ptr_eq(&plain, &rich.of_task(&SITES[0])));
    }

    #[test]
    fn no_long_chain_of_contexts_is_dropped_inside_each_other() {
        let mut task = body();
        for turn in 0..100_000 {
            task = task.of_task(&SITES[turn % 2]);
        }
        let last = task.of_task(&SITES[0]);
        assert!(usize::from(last.depth) > LEVELS.len());
        assert!(
            !Arc::ptr_eq(&last, &task.of_task(&SITES[0])),
            "nobody keeps it"
        );
    }

    #[test]
    fn bodies_and_their_tasks_keep_a_context_for_each_of_many_places_and_deeper_ones_few() {
        static MANY: [Site; 200] = [const { Site::new("many") }; 200];
        let kept = |from: &Arc<Context>| {
            let again =
                |site: &&'static Site| Arc::ptr_eq(&from.of_task(site), &from.of_task(site));
            MANY.iter().filter(again).count()
        };
        let body = body();
        let task = body.of_task(&SITES[0]).of_task(&SITES[1]);
        assert_eq!((kept(&body), kept(&task)), (200, 200));
        assert!(kept(&task.of_task(&SITES[2])) <= 1 + 4 + 16);
    }
}
