//! Spawns by method: is the receiver a `JoinSet` or a `TaskTracker`?
//!
//! Autoref specialisation on the receiver. For the types listed here the future gets an edge, and the scope a handle to
//! abort the task; for every other type both steps are the identity, so that the call stays what it was.

use std::future::Future;
use std::marker::PhantomData;
use std::sync::{Arc, MutexGuard, RwLockWriteGuard};

use tokio::task::{AbortHandle, JoinHandle, JoinSet};
use tokio_util::task::TaskTracker;

use super::spawn as sited;
use crate::edge::{Discarded, Edge, Held, Route};
use crate::site::Site;

/// A question about the type of a receiver. It holds no borrow of it.
pub struct Receiver<R: ?Sized>(PhantomData<fn(&R)>);

impl<R: ?Sized> Receiver<R> {
    #[must_use]
    pub const fn of(_: &R) -> Self {
        Self(PhantomData)
    }
}

/// A collection of tasks that is known, perhaps behind a reference or a guard.
pub trait Tracks {}

/// One that keeps no outcomes: a task whose handle is discarded gives its own to nobody.
pub trait Forgets: Tracks {}

impl<T> Tracks for JoinSet<T> {}
impl Tracks for TaskTracker {}
impl Forgets for TaskTracker {}

/// What is behind these is as known as it is itself.
macro_rules! behind {
    ($($pointer:ty),+ $(,)?) => {
        $(
            impl<S: Tracks + ?Sized> Tracks for $pointer {}
            impl<S: Forgets + ?Sized> Forgets for $pointer {}
        )+
    };
}

behind!(
    &S,
    &mut S,
    Box<S>,
    Arc<S>,
    MutexGuard<'_, S>,
    RwLockWriteGuard<'_, S>,
    tokio::sync::MutexGuard<'_, S>,
    tokio::sync::OwnedMutexGuard<S>,
    tokio::sync::RwLockWriteGuard<'_, S>,
);

/// What a known collection gives back for a task.
pub trait Spawned {
    fn abort_handle(&self) -> AbortHandle;
}

impl Spawned for AbortHandle {
    fn abort_handle(&self) -> AbortHandle {
        self.clone()
    }
}

impl<T> Spawned for JoinHandle<T> {
    fn abort_handle(&self) -> AbortHandle {
        JoinHandle::abort_handle(self)
    }
}

/// What a statement spawns: the type of its argument, once the compiler knows it.
pub struct Statement<A>(PhantomData<fn() -> A>);

impl<A> Statement<A> {
    #[must_use]
    #[expect(clippy::new_without_default, reason = "only expansions make one")]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

/// A receiver that keeps no outcomes, in a statement: the task is a discarded one of the scope around the caller.
pub trait Forgetting {
    fn __rejoin_discard<F: Future, R: Route<F::Output>>(
        self,
        site: &'static Site,
        what: &Statement<F>,
        route: R,
        future: F,
    ) -> Edge<F, Discarded<R>>;
}

impl<S: Forgets + ?Sized> Forgetting for &&&Receiver<S> {
    fn __rejoin_discard<F: Future, R: Route<F::Output>>(
        self,
        site: &'static Site,
        _: &Statement<F>,
        route: R,
        future: F,
    ) -> Edge<F, Discarded<R>> {
        sited::edge(site, future, Discarded(route))
    }
}

/// A receiver that is known: the task is one of the scope around the caller.
pub trait Known {
    fn __rejoin_edge<F: Future>(self, site: &'static Site, future: F) -> Edge<F, Held>;
    fn __rejoin_discard<F: Future, R>(
        self,
        site: &'static Site,
        what: &Statement<F>,
        route: R,
        future: F,
    ) -> Edge<F, Held>;
    fn __rejoin_after<H: Spawned>(self, site: &'static Site, spawned: H) -> H;
}

impl<S: Tracks + ?Sized> Known for &&Receiver<S> {
    fn __rejoin_edge<F: Future>(self, site: &'static Site, future: F) -> Edge<F, Held> {
        sited::edge(site, future, Held)
    }
    fn __rejoin_discard<F: Future, R>(
        self,
        site: &'static Site,
        _: &Statement<F>,
        _: R,
        future: F,
    ) -> Edge<F, Held> {
        sited::edge(site, future, Held)
    }
    fn __rejoin_after<H: Spawned>(self, site: &'static Site, spawned: H) -> H {
        sited::register(site, spawned.abort_handle());
        spawned
    }
}

/// Any other receiver: nothing happens.
pub trait Unknown {
    fn __rejoin_edge<A>(self, site: &'static Site, argument: A) -> A;
    fn __rejoin_discard<A, R>(
        self,
        site: &'static Site,
        what: &Statement<A>,
        route: R,
        argument: A,
    ) -> A;
    fn __rejoin_after<V>(self, site: &'static Site, value: V) -> V;
}

impl<S: ?Sized> Unknown for &Receiver<S> {
    fn __rejoin_edge<A>(self, _: &'static Site, argument: A) -> A {
        argument
    }
    fn __rejoin_discard<A, R>(self, _: &'static Site, _: &Statement<A>, _: R, argument: A) -> A {
        argument
    }
    fn __rejoin_after<V>(self, _: &'static Site, value: V) -> V {
        value
    }
}
