//! Tasks with one yield each, spawned and joined, so many at a time.

use std::future::Future;

use async_scoped::TokioScope;
use futures::stream::{FuturesUnordered, StreamExt};
use tokio::task::yield_now;

use crate::Contender;
use crate::pairs::{Sample, timed};
use crate::work::{held, join_set, launched, raw, tracker};

/// What is measured in one piece: enough that the clock is exact.
const TASKS: usize = 200_000;

pub(crate) const CONTENDERS: [Contender; 7] = [
    Contender::new("rejoin, launched", |number| again(number, launched)),
    Contender::new("rejoin, held", |number| again(number, held)),
    Contender::new("tokio::spawn", |number| again(number, raw)),
    Contender::new("JoinSet", |number| again(number, join_set)),
    Contender::new("TaskTracker", |number| again(number, tracker)),
    Contender::new("FuturesUnordered of handles", |number| {
        again(number, unordered)
    })
    .up_to(10_000),
    Contender::new("async-scoped", |number| again(number, scoped)).up_to(1_000),
];

/// As often as it takes for so many tasks in all.
fn again<F>(number: usize, all: fn(usize) -> F) -> Sample
where
    F: Future<Output = ()> + Send + 'static,
{
    let times = (TASKS / number).max(1);
    timed(times * number, async move {
        for _ in 0..times {
            all(number).await;
        }
    })
}

/// Quadratic from some thousands on: when the task has used up what tokio lets it do at a stretch, every handle says that it
/// is not ready and asks to be polled again, and all of them are.
async fn unordered(tasks: usize) {
    let mut handles: FuturesUnordered<_> = (0..tasks).map(|_| tokio::spawn(yield_now())).collect();
    while let Some(ended) = handles.next().await {
        ended.expect("a task that only yields");
    }
}

/// Its safe form blocks the thread until all have ended.
async fn scoped(tasks: usize) {
    TokioScope::scope_and_block(|scope| {
        for _ in 0..tasks {
            scope.spawn(yield_now());
        }
    });
}
