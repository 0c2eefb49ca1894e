//! Spawning as expansions do: as the public functions, with a site that the macro has made.

use std::future::Future;

use tokio::task::{AbortHandle, JoinHandle};

use crate::context;
use crate::edge::{Discarded, Edge, Held, Outcome, Route};
use crate::live::TaskKind;
use crate::member::Member;
use crate::site::Site;
use crate::spawn::{Here, launch_in, spawn_blocking_in, spawn_in, spawn_local_in, spawn_thread_in};

#[track_caller]
pub fn spawn<F>(site: &'static Site, future: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    spawn_in(Here, site, future, Held)
}

#[track_caller]
pub fn spawn_local<F>(site: &'static Site, future: F) -> JoinHandle<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    spawn_local_in(Here, site, future, Held)
}

#[track_caller]
pub fn spawn_blocking<C, T>(site: &'static Site, f: C) -> JoinHandle<T>
where
    C: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    spawn_blocking_in(Here, site, f, Held)
}

#[track_caller]
pub fn spawn_thread<C, T>(site: &'static Site, f: C) -> std::thread::JoinHandle<T>
where
    C: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    spawn_thread_in(site, f, Held)
}

#[track_caller]
pub fn launch<F, R>(site: &'static Site, future: F, route: R)
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
    R: Route<F::Output>,
{
    launch_in(Here, site, future, route);
}

#[track_caller]
pub fn launch_local<F, R>(site: &'static Site, future: F, route: R)
where
    F: Future + 'static,
    F::Output: 'static,
    R: Route<F::Output>,
{
    drop(spawn_local_in(Here, site, future, Discarded(route)));
}

#[track_caller]
pub fn launch_blocking<C, T, R>(site: &'static Site, f: C, route: R)
where
    C: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
    R: Route<T>,
{
    drop(spawn_blocking_in(Here, site, f, Discarded(route)));
}

#[track_caller]
pub fn launch_thread<C, T, R>(site: &'static Site, f: C, route: R)
where
    C: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
    R: Route<T>,
{
    drop(spawn_thread_in(site, f, Discarded(route)));
}

/// A future for a `JoinSet` or a `TaskTracker`: a task of the scope around the caller.
pub(super) fn edge<F, O>(site: &'static Site, future: F, outcome: O) -> Edge<F, O>
where
    F: Future,
    O: Outcome<F::Output>,
{
    let member = context::with_current(|current| Member::of(current, site, None));
    Edge::new(future, outcome, member)
}

/// Lets the scope around the caller abort a task that a `JoinSet` or a `TaskTracker` has spawned.
pub(super) fn register(site: &'static Site, abort: AbortHandle) {
    context::with_current(|current| {
        current.scope().register(abort, site, TaskKind::Task);
    });
}
