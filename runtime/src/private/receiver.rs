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
use crate::edge::{Edge, Held};
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

impl<T> Tracks for JoinSet<T> {}
impl Tracks for TaskTracker {}
impl<S: Tracks + ?Sized> Tracks for &S {}
impl<S: Tracks + ?Sized> Tracks for &mut S {}
impl<S: Tracks + ?Sized> Tracks for Box<S> {}
impl<S: Tracks + ?Sized> Tracks for Arc<S> {}
impl<S: Tracks + ?Sized> Tracks for MutexGuard<'_, S> {}
impl<S: Tracks + ?Sized> Tracks for RwLockWriteGuard<'_, S> {}
impl<S: Tracks + ?Sized> Tracks for tokio::sync::MutexGuard<'_, S> {}
impl<S: Tracks + ?Sized> Tracks for tokio::sync::OwnedMutexGuard<S> {}
impl<S: Tracks + ?Sized> Tracks for tokio::sync::RwLockWriteGuard<'_, S> {}

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

/// A receiver that is known: the task is one of the scope around the caller.
pub trait Known {
    fn __rejoin_edge<F: Future>(self, site: &'static Site, future: F) -> Edge<F, Held>;
    fn __rejoin_after<H: Spawned>(self, site: &'static Site, spawned: H) -> H;
}

impl<R: Tracks + ?Sized> Known for &&Receiver<R> {
    fn __rejoin_edge<F: Future>(self, site: &'static Site, future: F) -> Edge<F, Held> {
        sited::edge(site, future)
    }
    fn __rejoin_after<H: Spawned>(self, site: &'static Site, spawned: H) -> H {
        sited::register(site, spawned.abort_handle());
        spawned
    }
}

/// Any other receiver: nothing happens.
pub trait Unknown {
    fn __rejoin_edge<A>(self, site: &'static Site, argument: A) -> A;
    fn __rejoin_after<V>(self, site: &'static Site, value: V) -> V;
}

impl<R: ?Sized> Unknown for &Receiver<R> {
    fn __rejoin_edge<A>(self, _: &'static Site, argument: A) -> A {
        argument
    }
    fn __rejoin_after<V>(self, _: &'static Site, value: V) -> V {
        value
    }
}
