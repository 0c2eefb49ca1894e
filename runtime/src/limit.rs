//! At most so many tasks of a body at once.
//!
//! A place is a permit of a semaphore. The body takes one *before* the statement that spawns, so that it waits instead
//! of piling up tasks; the spawn in that statement picks it up. What the statement did not use is given back when the
//! body next suspends. Tasks spawned where nothing can be awaited, or beyond the place that was taken, wait for theirs
//! before their first poll.

use crate::sync::{Arc, Mutex, PoisonError};
use std::future::Future;
use std::num::NonZeroUsize;
use std::pin::Pin;
use std::task::{Context as Cx, Poll};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

#[derive(Debug)]
pub(crate) struct Limit {
    places: Arc<Semaphore>,
    taken: Mutex<Option<OwnedSemaphorePermit>>,
}

impl Limit {
    pub(crate) fn new(limit: NonZeroUsize) -> Self {
        Self {
            places: Arc::new(Semaphore::new(limit.get().min(Semaphore::MAX_PERMITS))),
            taken: Mutex::new(None),
        }
    }

    fn take(&self) -> Option<OwnedSemaphorePermit> {
        self.taken
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }

    /// Waits for a place, unless the body has one that it has not used yet, and takes it.
    pub(crate) async fn take_next(&self) {
        let has_one = self
            .taken
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .is_some();
        if !has_one {
            let permit = next(Arc::clone(&self.places)).await;
            self.hold(permit);
        }
    }

    /// The place that the body took but did not use is free again.
    pub(crate) fn give_back(&self) {
        drop(self.take());
    }

    /// A place that is free now, if any.
    pub(crate) fn try_place(&self) -> Option<Place> {
        let permit = Arc::clone(&self.places).try_acquire_owned().ok()?;
        Some(Place::Taken { _permit: permit })
    }

    /// Keeps a place for the next spawn of the body.
    fn hold(&self, place: OwnedSemaphorePermit) {
        *self.taken.lock().unwrap_or_else(PoisonError::into_inner) = Some(place);
    }

    /// A place for a task that is being spawned: the one that the body has taken, or else the next to be free.
    pub(crate) fn place(&self) -> Place {
        match self.take() {
            Some(permit) => Place::Taken { _permit: permit },
            None => Place::Waiting(Box::pin(next(Arc::clone(&self.places)))),
        }
    }
}

async fn next(places: Arc<Semaphore>) -> OwnedSemaphorePermit {
    match places.acquire_owned().await {
        Ok(permit) => permit,
        Err(_) => unreachable!("the semaphore is never closed"),
    }
}

/// A task's place in its group.
pub(crate) enum Place {
    Waiting(Pin<Box<dyn Future<Output = OwnedSemaphorePermit> + Send>>),
    Taken { _permit: OwnedSemaphorePermit },
}

impl Place {
    pub(crate) fn poll(&mut self, cx: &mut Cx<'_>) -> Poll<()> {
        if let Self::Waiting(next) = self {
            let permit = std::task::ready!(next.as_mut().poll(cx));
            *self = Self::Taken { _permit: permit };
        }
        Poll::Ready(())
    }

    /// Waits for the place on a thread that may block.
    pub(crate) fn block(self) -> Self {
        match self {
            Self::Waiting(next) => Self::Taken {
                _permit: tokio::runtime::Handle::current().block_on(next),
            },
            taken @ Self::Taken { .. } => taken,
        }
    }
}

impl std::fmt::Debug for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Waiting(_) => "Waiting",
            Self::Taken { .. } => "Taken",
        })
    }
}
