//! Spawns by method: is the receiver a collection of tasks, or a runtime, that is known?
//!
//! Autoref specialisation on the type of the receiver, which a [`Probe`] has from a look at it. For the types listed here the
//! future gets an edge, and the scope a handle to abort the task; for every other type both steps are the identity. The
//! question stands beside the call and inside its argument, and nothing stands around it, so that the temporaries of the
//! call live as long as they did.

use std::future::Future;
use std::marker::PhantomData;
use std::rc::Rc;
use std::sync::{Arc, LazyLock};

use tokio::runtime::{Handle, Runtime};
use tokio::task::{AbortHandle, JoinHandle, JoinSet, LocalSet};
use tokio_util::task::TaskTracker;

use super::spawn as sited;
use crate::live::TaskKind;
use crate::site::Site;
use crate::slot::{Plain, Route, Slot};
use crate::task::tracked::{Discarded, Held, Tracked};

/// A question about the type of a receiver. It holds no borrow of it.
pub struct Probe<S: ?Sized>(PhantomData<fn(&S)>);

impl<S: ?Sized> Probe<S> {
    /// A question about a receiver that is not seen yet.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "only expansions ask")]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<S: ?Sized> Clone for Probe<S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S: ?Sized> Copy for Probe<S> {}

impl<S: ?Sized> std::fmt::Debug for Probe<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Probe")
    }
}

/// Tells the probe the type of the receiver.
pub const fn see<S: ?Sized>(_: Probe<S>, _: &S) {}

/// The second of two values: the first is a question.
pub fn second<V>((): (), value: V) -> V {
    value
}

/// The first of two values: the second is a question.
pub fn first<V>(value: V, (): ()) -> V {
    value
}

/// A receiver that is known, perhaps behind a reference or a guard.
pub trait Spawns {}

/// One that keeps no outcomes: a task whose handle is discarded gives its own to nobody.
pub trait Forgets: Spawns {}

impl<T> Spawns for JoinSet<T> {}
impl Spawns for TaskTracker {}
impl Forgets for TaskTracker {}
impl Spawns for Handle {}
impl Forgets for Handle {}
impl Spawns for Runtime {}
impl Forgets for Runtime {}
impl Spawns for LocalSet {}
impl Forgets for LocalSet {}

/// What is behind these is as known as it is itself.
macro_rules! behind {
    ($($pointer:ty),+ $(,)?) => {
        $(
            impl<S: Spawns + ?Sized> Spawns for $pointer {}
            impl<S: Forgets + ?Sized> Forgets for $pointer {}
        )+
    };
}

behind!(
    &S,
    &mut S,
    Box<S>,
    Rc<S>,
    Arc<S>,
    std::cell::Ref<'_, S>,
    std::cell::RefMut<'_, S>,
    std::sync::MutexGuard<'_, S>,
    std::sync::RwLockReadGuard<'_, S>,
    std::sync::RwLockWriteGuard<'_, S>,
    tokio::sync::MutexGuard<'_, S>,
    tokio::sync::MappedMutexGuard<'_, S>,
    tokio::sync::OwnedMutexGuard<S>,
    tokio::sync::RwLockReadGuard<'_, S>,
    tokio::sync::OwnedRwLockReadGuard<S>,
    tokio::sync::RwLockWriteGuard<'_, S>,
    tokio::sync::OwnedRwLockWriteGuard<S>,
);

impl<S: Spawns, F> Spawns for LazyLock<S, F> {}
impl<S: Forgets, F> Forgets for LazyLock<S, F> {}

/// What a known receiver gives back for a task.
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

/// A handle for a position that needs its type: of a set that is dropped at once, which takes no runtime around the caller.
fn ended<T: 'static>() -> JoinHandle<T> {
    LocalSet::new().spawn_local(std::future::pending())
}

/// A receiver that keeps no outcomes, in a position that discards its handle: the task is a discarded one of the scope around the caller.
pub trait Forgetting {
    fn __rejoin_discard<F, R>(
        self,
        site: &'static Site,
        slot: Slot<F::Output, R>,
        future: F,
    ) -> Tracked<F, Discarded<R>>
    where
        F: Future + 'static,
        R: Route<F::Output>;

    fn __rejoin_discard_call<C, T, R>(
        self,
        site: &'static Site,
        slot: Slot<T, R>,
        f: C,
    ) -> impl FnOnce() + Send + 'static
    where
        C: FnOnce() -> T + Send + 'static,
        T: 'static,
        R: Route<T>;

    fn __rejoin_typed<T, R>(self, slot: Slot<T, R>, handle: JoinHandle<()>) -> JoinHandle<T>
    where
        T: 'static;
}

impl<S: Forgets + ?Sized> Forgetting for &&&Probe<S> {
    fn __rejoin_discard<F, R>(
        self,
        site: &'static Site,
        _: Slot<F::Output, R>,
        future: F,
    ) -> Tracked<F, Discarded<R>>
    where
        F: Future + 'static,
        R: Route<F::Output>,
    {
        sited::edge(site, future, Discarded::new())
    }

    fn __rejoin_discard_call<C, T, R>(
        self,
        site: &'static Site,
        _: Slot<T, R>,
        f: C,
    ) -> impl FnOnce() + Send + 'static
    where
        C: FnOnce() -> T + Send + 'static,
        T: 'static,
        R: Route<T>,
    {
        sited::edge_call(site, f, Discarded::<R>::new())
    }

    fn __rejoin_typed<T, R>(self, _: Slot<T, R>, _: JoinHandle<()>) -> JoinHandle<T>
    where
        T: 'static,
    {
        ended()
    }
}

/// A receiver that is known: the task is one of the scope around the caller.
pub trait Known {
    fn __rejoin_edge<F: Future + 'static>(self, site: &'static Site, future: F)
    -> Tracked<F, Held>;

    fn __rejoin_edge_call<C, T>(
        self,
        site: &'static Site,
        f: C,
    ) -> impl FnOnce() -> T + Send + 'static
    where
        C: FnOnce() -> T + Send + 'static,
        T: 'static;

    fn __rejoin_discard<F: Future + 'static>(
        self,
        site: &'static Site,
        slot: Slot<(), Plain>,
        future: F,
    ) -> Tracked<F, Held>;

    fn __rejoin_discard_call<C, T>(
        self,
        site: &'static Site,
        slot: Slot<(), Plain>,
        f: C,
    ) -> impl FnOnce() -> T + Send + 'static
    where
        C: FnOnce() -> T + Send + 'static,
        T: 'static;

    fn __rejoin_typed<H>(self, slot: Slot<(), Plain>, spawned: H) -> H;

    fn __rejoin_after<H: Spawned>(self, site: &'static Site, spawned: H) -> H;

    fn __rejoin_after_call<H: Spawned>(self, site: &'static Site, spawned: H) -> H;
}

impl<S: Spawns + ?Sized> Known for &&Probe<S> {
    fn __rejoin_edge<F: Future + 'static>(
        self,
        site: &'static Site,
        future: F,
    ) -> Tracked<F, Held> {
        sited::edge(site, future, Held)
    }

    fn __rejoin_edge_call<C, T>(
        self,
        site: &'static Site,
        f: C,
    ) -> impl FnOnce() -> T + Send + 'static
    where
        C: FnOnce() -> T + Send + 'static,
        T: 'static,
    {
        sited::edge_call(site, f, Held)
    }

    fn __rejoin_discard<F: Future + 'static>(
        self,
        site: &'static Site,
        _: Slot<(), Plain>,
        future: F,
    ) -> Tracked<F, Held> {
        sited::edge(site, future, Held)
    }

    fn __rejoin_discard_call<C, T>(
        self,
        site: &'static Site,
        _: Slot<(), Plain>,
        f: C,
    ) -> impl FnOnce() -> T + Send + 'static
    where
        C: FnOnce() -> T + Send + 'static,
        T: 'static,
    {
        sited::edge_call(site, f, Held)
    }

    fn __rejoin_typed<H>(self, _: Slot<(), Plain>, spawned: H) -> H {
        spawned
    }

    fn __rejoin_after<H: Spawned>(self, site: &'static Site, spawned: H) -> H {
        sited::register(site, spawned.abort_handle(), TaskKind::Task);
        spawned
    }

    fn __rejoin_after_call<H: Spawned>(self, site: &'static Site, spawned: H) -> H {
        sited::register(site, spawned.abort_handle(), TaskKind::Blocking);
        spawned
    }
}

/// Any other receiver: nothing happens.
pub trait Unknown: Sized {
    fn __rejoin_edge<A>(self, _: &'static Site, argument: A) -> A {
        argument
    }

    fn __rejoin_edge_call<A>(self, _: &'static Site, argument: A) -> A {
        argument
    }

    fn __rejoin_discard<A>(self, _: &'static Site, _: Slot<(), Plain>, argument: A) -> A {
        argument
    }

    fn __rejoin_discard_call<A>(self, _: &'static Site, _: Slot<(), Plain>, argument: A) -> A {
        argument
    }

    fn __rejoin_typed<V>(self, _: Slot<(), Plain>, value: V) -> V {
        value
    }

    fn __rejoin_after<V>(self, _: &'static Site, value: V) -> V {
        value
    }

    fn __rejoin_after_call<V>(self, _: &'static Site, value: V) -> V {
        value
    }
}

impl<S: ?Sized> Unknown for &Probe<S> {}
