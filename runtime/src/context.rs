//! The ambient scope: which scope, and which task of it, the code on this thread runs for.
//!
//! A thread-local holds it only while one of our futures is polled. The `Arc` is moved in before the poll and
//! moved out after it, so a poll costs no reference count.

use std::cell::Cell;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use crate::scope::Scope;
use crate::site::Site;

/// Who is running.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Role {
    /// A task of the scope, spawned here.
    Task(&'static Site),
    /// The body of the function that opened the scope.
    Body,
}

/// The scope around the code that runs, and its role there.
#[derive(Clone, Debug)]
pub(crate) struct Context {
    pub(crate) scope: Arc<Scope>,
    pub(crate) role: Role,
}

/// What a thread knows while it runs for a scope of ours.
struct Ambient {
    context: Cell<Option<Context>>,
    clock: Cell<Clock>,
}

thread_local! {
    static AMBIENT: Ambient = const {
        Ambient { context: Cell::new(None), clock: Cell::new(Clock::Runs) }
    };
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

/// Where a context is kept while it is not the ambient one.
pub(crate) trait Slot {
    fn take(&mut self) -> Option<Context>;
    fn put(&mut self, context: Context);
}

impl Slot for Option<Context> {
    fn take(&mut self) -> Option<Context> {
        Option::take(self)
    }

    fn put(&mut self, context: Context) {
        *self = Some(context);
    }
}

/// Runs `f` with the context in `slot` as the ambient one; it is back in the slot afterwards, also when `f` unwinds.
#[inline]
pub(crate) fn enter<R>(slot: &mut impl Slot, f: impl FnOnce() -> R) -> R {
    struct Restore<'a, S: Slot> {
        slot: &'a mut S,
        outer: Option<Context>,
        clock: Clock,
    }
    impl<S: Slot> Drop for Restore<'_, S> {
        #[inline]
        fn drop(&mut self) {
            let outer = self.outer.take();
            let inner = AMBIENT.try_with(|ambient| {
                ambient.clock.set(self.clock);
                ambient.context.replace(outer)
            });
            if let Ok(Some(inner)) = inner {
                self.slot.put(inner);
            }
        }
    }

    let outer = AMBIENT.try_with(|ambient| {
        let outer = ambient.context.replace(slot.take());
        (outer, ambient.clock.replace(Clock::Unread))
    });
    let Ok((outer, clock)) = outer else {
        // The thread is ending and its locals are gone: what is spawned now belongs to the root.
        return f();
    };
    let _restore = Restore { slot, outer, clock };
    f()
}

/// A look at the ambient context, without taking part in its reference count for longer than `f`.
pub(crate) fn with<R>(f: impl FnOnce(Option<&Context>) -> R) -> R {
    /// Puts the context back, also when `f` unwinds.
    struct Return<'a>(&'a Cell<Option<Context>>, Option<Context>);
    impl Drop for Return<'_> {
        fn drop(&mut self) {
            self.0.set(self.1.take());
        }
    }

    let mut f = Some(f);
    let seen = AMBIENT.try_with(|Ambient { context, .. }| {
        let held = Return(context, context.take());
        f.take().map(|f| f(held.1.as_ref()))
    });
    match (seen, f) {
        (Ok(Some(result)), _) => result,
        (_, Some(f)) => f(None),
        (_, None) => unreachable!("the closure is either run or still here"),
    }
}

/// The context of code that no scope of ours is around.
fn of_root() -> &'static Context {
    static ROOT: OnceLock<Context> = OnceLock::new();
    ROOT.get_or_init(|| Context {
        scope: Arc::clone(Scope::root()),
        role: Role::Body,
    })
}

/// A look at the ambient context, or the root's.
pub(crate) fn with_current<R>(f: impl FnOnce(&Context) -> R) -> R {
    with(|context| f(context.unwrap_or_else(|| of_root())))
}

/// The ambient context, or the root's.
pub(crate) fn current() -> Context {
    with_current(Context::clone)
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
        last(&self.path)
    }
}

/// The last name of a path.
pub(crate) fn last(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

/// The task that runs on this thread. Takes no lock, so that the panic hook may ask.
pub(crate) fn current_task() -> Option<TaskInfo> {
    with(|context| {
        let Context { scope, role } = context?;
        Some(match role {
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
