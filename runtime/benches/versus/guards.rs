//! Guarded functions: the cost of a call, the size of a future.

use std::future::Future;
use std::hint::black_box;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::task::{Context, Waker};

use futures::FutureExt;
use rejoin::__private::{Site, guard};

use super::pairs::{Row, Sample, Stopwatch, Target};

const CALLS: usize = 10_000_000;

static SITE: Site = Site::new("versus::guards::double");

pub(crate) const READY: Row = Row {
    name: "call of a guarded async fn that is ready, above bare",
    target: Target::Nanoseconds(3.0),
    ours: || calls(guarded),
    theirs: || calls(bare),
};

pub(crate) const READY_CATCH: Row = Row {
    name: "call of a guarded async fn that is ready / catch_unwind of futures",
    target: Target::None,
    ours: || calls(guarded),
    theirs: || calls(caught),
};

pub(crate) const YIELDING_CATCH: Row = Row {
    name: "call of a guarded async fn that yields nine times / catch_unwind of futures",
    target: Target::None,
    ours: || calls(|number| guard_of(yielding(number))),
    theirs: || calls(|number| catch_of(yielding(number))),
};

/// Calls, each polled to its end.
fn calls<F: Future<Output = u64>>(call: impl Fn(u64) -> F) -> Sample {
    let mut cx = Context::from_waker(Waker::noop());
    let watch = Stopwatch::start();
    for number in 0..CALLS as u64 {
        let mut future = pin!(call(black_box(number)));
        loop {
            if let std::task::Poll::Ready(output) = future.as_mut().poll(&mut cx) {
                black_box(output);
                break;
            }
        }
    }
    watch.each(CALLS)
}

async fn bare(number: u64) -> u64 {
    black_box(number) * 2
}

/// What `#[guarded(or = 0)]` makes of [`bare`].
fn guarded(number: u64) -> impl Future<Output = u64> {
    guard(&SITE, async move { black_box(number) * 2 }, |_| 0)
}

async fn caught(number: u64) -> u64 {
    AssertUnwindSafe(async move { black_box(number) * 2 })
        .catch_unwind()
        .await
        .unwrap_or(0)
}

async fn yielding(number: u64) -> u64 {
    for _ in 0..9 {
        let mut first = true;
        std::future::poll_fn(|_| {
            if std::mem::take(&mut first) {
                std::task::Poll::Pending
            } else {
                std::task::Poll::Ready(())
            }
        })
        .await;
    }
    number
}

fn guard_of(future: impl Future<Output = u64>) -> impl Future<Output = u64> {
    guard(&SITE, future, |_| 0)
}

async fn catch_of(future: impl Future<Output = u64>) -> u64 {
    AssertUnwindSafe(future).catch_unwind().await.unwrap_or(0)
}

/// A function with a kilobyte of arguments that it needs after an await.
#[expect(
    clippy::large_types_passed_by_value,
    reason = "what it costs is the question"
)]
async fn large(argument: [u8; 1024]) -> usize {
    tokio::task::yield_now().await;
    argument.len()
}

/// What `#[guarded(or = 0)]` makes of [`large`].
#[expect(
    clippy::large_types_passed_by_value,
    reason = "what it costs is the question"
)]
fn large_guarded(argument: [u8; 1024]) -> impl Future<Output = usize> {
    guard(
        &SITE,
        async move {
            tokio::task::yield_now().await;
            argument.len()
        },
        |_| 0,
    )
}

pub(crate) fn sizes() -> String {
    let bare = size_of_val(&large([0; 1024]));
    let guarded = size_of_val(&large_guarded([0; 1024]));
    format!(
        "Size of the future of a guarded async fn with 1 KiB of arguments: {guarded} bytes, bare {bare}"
    )
}
