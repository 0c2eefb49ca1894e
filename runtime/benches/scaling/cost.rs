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
    Contender {
        name: "rejoin, launched",
        measure: |number| again(number, launched),
        most: usize::MAX,
    },
    Contender {
        name: "rejoin, held",
        measure: |number| again(number, held),
        most: usize::MAX,
    },
    Contender {
        name: "tokio::spawn",
        measure: |number| again(number, raw),
        most: usize::MAX,
    },
    Contender {
        name: "JoinSet",
        measure: |number| again(number, join_set),
        most: usize::MAX,
    },
    Contender {
        name: "TaskTracker",
        measure: |number| again(number, tracker),
        most: usize::MAX,
    },
    Contender {
        name: "FuturesUnordered of handles",
        measure: |number| again(number, unordered),
        most: 10_000,
    },
    Contender {
        name: "async-scoped",
        measure: |number| again(number, scoped),
        most: 1_000,
    },
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
