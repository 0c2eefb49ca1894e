//! No thread rings or looks here. A timer rings when the scheduler likes.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

/// As the real one has it.
pub(crate) struct Due {
    pub(crate) next: Option<Instant>,
    pub(crate) shortest: u64,
}

pub(crate) fn set_look(_: fn(Instant) -> Due) {}

pub(crate) fn wake() {}

pub(crate) struct Timer(tokio::time::Sleep);

pub(crate) fn timer(after: Duration) -> Timer {
    Timer(tokio::time::sleep(after))
}

impl Timer {
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        Pin::new(&mut self.0).poll(cx)
    }
}
