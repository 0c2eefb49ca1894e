//! Time that passes as the scheduler likes.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

pub use tokio::time::Instant;

/// Ends at any step from now on.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct Sleep(shuttle::future::JoinHandle<()>);

/// A sleep of no particular length.
pub fn sleep(_: Duration) -> Sleep {
    Sleep(shuttle::future::spawn(async {}))
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        Pin::new(&mut self.0).poll(cx).map(drop)
    }
}
