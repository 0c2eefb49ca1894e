//! What the peers' tests share.
#![allow(dead_code, reason = "each peer uses a part")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The error of most functions here; every failure of a task can become one.
pub(crate) type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The error of a function that cannot return a panic: it goes on unwinding there.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Narrow(pub(crate) &'static str);

impl From<&'static str> for Narrow {
    fn from(text: &'static str) -> Self {
        Self(text)
    }
}

/// Counts how many hold a place at once.
#[derive(Clone, Default)]
pub(crate) struct Gauge {
    now: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
    all: Arc<AtomicUsize>,
}

/// A place in a [`Gauge`], until it is dropped.
pub(crate) struct Place(Arc<AtomicUsize>);

impl Gauge {
    pub(crate) fn enter(&self) -> Place {
        let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(now, Ordering::SeqCst);
        self.all.fetch_add(1, Ordering::SeqCst);
        Place(Arc::clone(&self.now))
    }

    /// How many hold a place now.
    pub(crate) fn now(&self) -> usize {
        self.now.load(Ordering::SeqCst)
    }

    /// How many held one at once, at most.
    pub(crate) fn most(&self) -> usize {
        self.most.load(Ordering::SeqCst)
    }

    /// How many have ever held one.
    pub(crate) fn all(&self) -> usize {
        self.all.load(Ordering::SeqCst)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Calls a closure when it is dropped.
pub(crate) struct OnDrop<F: FnMut()>(pub(crate) F);

impl<F: FnMut()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

/// Lets everything that can go on do so, on a runtime of one thread.
pub(crate) async fn settle() {
    for _ in 0..16 {
        tokio::task::yield_now().await;
    }
}

/// The text of a panic that has been caught.
pub(crate) fn text(payload: &(dyn std::any::Any + Send)) -> String {
    let of_literal = payload.downcast_ref::<&str>().map(ToString::to_string);
    of_literal
        .or_else(|| payload.downcast_ref::<String>().cloned())
        .expect("a panic with a text")
}

/// What a future unwinds with.
pub(crate) async fn unwinds<T: std::fmt::Debug>(future: impl Future<Output = T>) -> String {
    use futures::FutureExt as _;
    let caught = std::panic::AssertUnwindSafe(future).catch_unwind().await;
    text(&*caught.expect_err("a panic"))
}
