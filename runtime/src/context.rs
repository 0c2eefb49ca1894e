//! The ambient scope: which scope, and which task of it, the code on this thread runs for.
//!
//! A thread-local holds it only while one of our futures is polled. The `Arc` is moved in before the poll and
//! moved out after it, so a poll costs no reference count.

use std::cell::Cell;
use std::sync::Arc;

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

thread_local! {
    static CURRENT: Cell<Option<Context>> = const { Cell::new(None) };
}

/// Runs `f` with the context in `slot` as the ambient one; it is back in the slot afterwards, also when `f` unwinds.
pub(crate) fn enter<R>(slot: &mut Option<Context>, f: impl FnOnce() -> R) -> R {
    struct Restore<'a> {
        slot: &'a mut Option<Context>,
        outer: Option<Context>,
    }
    impl Drop for Restore<'_> {
        fn drop(&mut self) {
            let outer = self.outer.take();
            if let Ok(inner) = CURRENT.try_with(|current| current.replace(outer)) {
                *self.slot = inner;
            }
        }
    }

    let Ok(outer) = CURRENT.try_with(|current| current.replace(slot.take())) else {
        // The thread is ending and its locals are gone: what is spawned now belongs to the root.
        return f();
    };
    let _restore = Restore { slot, outer };
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
    let seen = CURRENT.try_with(|current| {
        let held = Return(current, current.take());
        f.take().map(|f| f(held.1.as_ref()))
    });
    match (seen, f) {
        (Ok(Some(result)), _) => result,
        (_, Some(f)) => f(None),
        (_, None) => unreachable!("the closure is either run or still here"),
    }
}

/// The ambient context, or the root's.
pub(crate) fn current() -> Context {
    with(|context| context.cloned()).unwrap_or_else(|| Context {
        scope: Arc::clone(Scope::root()),
        role: Role::Body,
    })
}

/// What a report says of the task that runs.
#[derive(Clone, Debug)]
pub(crate) struct TaskInfo {
    /// The names of the scopes around the task and its own, joined by `/`.
    pub(crate) path: String,
    /// Where it was spawned; `None` for the body of a group.
    pub(crate) site: Option<&'static Site>,
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
