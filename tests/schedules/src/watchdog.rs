//! No thread watches here: what it does is to look and to tell. A timer rings when the scheduler likes.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use crate::scope::Scope;

pub(crate) fn watch(scope: &Scope) {
    scope.set_waiting();
}

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
