//! Spawning as expansions do: as the public functions, with a site that the macro has made.

use std::future::Future;

use tokio::task::{AbortHandle, JoinHandle};

use crate::ambient::{self, Role};
use crate::live::TaskKind;
use crate::site::Site;
use crate::slot::{Route, Slot};
use crate::sync::Arc;
use crate::task::member::Member;
use crate::task::spawn::{
    Here, cancelled, cancelled_local, is_large, launch_in, report_refused, run_closure,
    spawn_blocking_in, spawn_in, spawn_local_in, spawn_thread_in,
};
use crate::task::tracked::{Discarded, Held, Outcome, Tracked, discard};

#[track_caller]
pub fn spawn<F>(site: &'static Site, future: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    if is_large::<F>() {
        return spawn_in(Here, site, Box::pin(future), Held);
    }
    spawn_in(Here, site, future, Held)
}

#[track_caller]
pub fn spawn_local<F>(site: &'static Site, future: F) -> JoinHandle<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    if is_large::<F>() {
        return spawn_local_in(Here, site, Box::pin(future), Held);
    }
    spawn_local_in(Here, site, future, Held)
}

#[track_caller]
pub fn spawn_blocking<C, T>(site: &'static Site, f: C) -> JoinHandle<T>
where
    C: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    if is_large::<C>() {
        return spawn_blocking_in(Here, site, Box::new(f), Held);
    }
    spawn_blocking_in(Here, site, f, Held)
}

#[track_caller]
pub fn spawn_thread<C, T>(site: &'static Site, f: C) -> std::thread::JoinHandle<T>
where
    C: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    if is_large::<C>() {
        return spawn_thread_in(site, Box::new(f), Held);
    }
    spawn_thread_in(site, f, Held)
}

/// A discarded spawn. The slot has the type of the output, and the route of its error.
#[track_caller]
pub fn launch<F, R>(site: &'static Site, _: Slot<F::Output, R>, future: F)
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
    R: Route<F::Output>,
{
    let route = Discarded::<R>::new();
    if is_large::<F>() {
        launch_in(Here, site, route, Box::pin(future));
    } else {
        launch_in(Here, site, route, future);
    }
}

#[track_caller]
pub fn launch_local<F, R>(site: &'static Site, _: Slot<F::Output, R>, future: F)
where
    F: Future + 'static,
    F::Output: 'static,
    R: Route<F::Output>,
{
    let route = Discarded::<R>::new();
    if is_large::<F>() {
        drop(spawn_local_in(Here, site, Box::pin(future), route));
    } else {
        drop(spawn_local_in(Here, site, future, route));
    }
}

#[track_caller]
pub fn launch_blocking<C, T, R>(site: &'static Site, _: Slot<T, R>, f: C)
where
    C: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
    R: Route<T>,
{
    let route = Discarded::<R>::new();
    if is_large::<C>() {
        drop(spawn_blocking_in(Here, site, Box::new(f), route));
    } else {
        drop(spawn_blocking_in(Here, site, f, route));
    }
}

#[track_caller]
pub fn launch_thread<C, T, R>(site: &'static Site, _: Slot<T, R>, f: C)
where
    C: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
    R: Route<T>,
{
    let route = Discarded::<R>::new();
    if is_large::<C>() {
        drop(spawn_thread_in(site, Box::new(f), route));
    } else {
        drop(spawn_thread_in(site, f, route));
    }
}

/// A discarded spawn in a position that needs the type of the handle: nobody has its value, so it is that of a task which
/// never began.
#[track_caller]
pub fn launch_typed<F, R>(
    site: &'static Site,
    slot: Slot<F::Output, R>,
    future: F,
) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
    R: Route<F::Output>,
{
    launch(site, slot, future);
    cancelled()
}

#[track_caller]
pub fn launch_local_typed<F, R>(
    site: &'static Site,
    slot: Slot<F::Output, R>,
    future: F,
) -> JoinHandle<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
    R: Route<F::Output>,
{
    launch_local(site, slot, future);
    cancelled_local()
}

#[track_caller]
pub fn launch_blocking_typed<C, T, R>(site: &'static Site, slot: Slot<T, R>, f: C) -> JoinHandle<T>
where
    C: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
    R: Route<T>,
{
    launch_blocking(site, slot, f);
    cancelled()
}

/// A future for a receiver that is known: a task of the scope around the caller, which is never polled where that is
/// cancelled.
pub(super) fn edge<F, O>(site: &'static Site, future: F, outcome: O) -> Tracked<F, O>
where
    F: Future,
    O: Outcome<F::Output>,
{
    let member = ambient::with_current(|current| {
        if current.scope().is_cancelled() {
            report_refused(current.scope(), site);
            return None;
        }
        Some(Member::of(current, site, None))
    });
    let Some(member) = member else {
        discard(future);
        return Tracked::refused(outcome);
    };
    Tracked::new(future, outcome, member)
}

/// A closure for a receiver that is known: a task of the scope around the caller. It owes the receiver a value, so it runs
/// even where that is cancelled, unless it is aborted before it begins.
pub(super) fn edge_call<C, T, O>(
    site: &'static Site,
    f: C,
    outcome: O,
) -> impl FnOnce() -> O::Output + Send + 'static
where
    C: FnOnce() -> T + Send + 'static,
    T: 'static,
    O: Outcome<T> + Send + 'static,
{
    let member = ambient::with_current(|current| Member::of(current, site, None));
    move || {
        // Its type is in the receiver's hands by then, so it is boxed where it runs.
        if is_large::<C>() {
            run_closure(Box::new(f), member, outcome)
        } else {
            run_closure(f, member, outcome)
        }
    }
}

/// Lets the scope around the caller abort a task that a known receiver has spawned. A cancelled one does so at once: the task
/// was refused.
pub(super) fn register(site: &'static Site, abort: AbortHandle, kind: TaskKind) {
    ambient::with_current(|current| {
        if current.scope().is_cancelled() {
            abort.abort();
        }
        current.scope().register(abort, site, kind, ambient::now());
    });
}

/// Waits until the group whose body runs has a free place, and takes it for the next spawn.
pub async fn place() {
    let body = ambient::with_current(|current| match current.role() {
        Role::Body => Some(Arc::clone(current.scope())),
        Role::Task(_) => None,
    });
    if let Some(limit) = body.as_ref().and_then(|scope| scope.limit()) {
        limit.take_next().await;
    }
}
