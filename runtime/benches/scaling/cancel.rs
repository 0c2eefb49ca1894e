//! Idle tasks, cancelled: until the last of them has ended.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rejoin::TaskGroup;
use tokio::task::{JoinSet, yield_now};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::Contender;
use crate::pairs::{Sample, Stopwatch, on_worker};

pub(crate) const CONTENDERS: [Contender; 4] = [
    Contender::new("rejoin, cancel and join", group),
    Contender::new("abort and await of every handle", raw),
    Contender::new("JoinSet::shutdown", join_set),
    Contender::new("TaskTracker and a token", tracker),
];

async fn idle(begun: Arc<AtomicUsize>) {
    begun.fetch_add(1, Ordering::Relaxed);
    drop(begun);
    pending::<()>().await;
}

/// Waits until every task has been polled, so that cancelling finds them idle.
async fn all(begun: &AtomicUsize, number: usize) {
    while begun.load(Ordering::Relaxed) < number {
        yield_now().await;
    }
}

fn group(number: usize) -> Sample {
    on_worker(async move {
        let group = TaskGroup::<std::io::Error>::new();
        let begun = Arc::new(AtomicUsize::new(0));
        for _ in 0..number {
            group.launch(idle(Arc::clone(&begun)));
        }
        all(&begun, number).await;
        let watch = Stopwatch::start();
        group.cancel();
        group.join().await.expect("cancelling is no failure");
        watch.each(number)
    })
}

fn raw(number: usize) -> Sample {
    on_worker(async move {
        let begun = Arc::new(AtomicUsize::new(0));
        let handles: Vec<_> = (0..number)
            .map(|_| tokio::spawn(idle(Arc::clone(&begun))))
            .collect();
        all(&begun, number).await;
        let watch = Stopwatch::start();
        for handle in &handles {
            handle.abort();
        }
        for handle in handles {
            handle.await.expect_err("aborted");
        }
        watch.each(number)
    })
}

fn join_set(number: usize) -> Sample {
    on_worker(async move {
        let mut set = JoinSet::new();
        let begun = Arc::new(AtomicUsize::new(0));
        for _ in 0..number {
            set.spawn(idle(Arc::clone(&begun)));
        }
        all(&begun, number).await;
        let watch = Stopwatch::start();
        set.shutdown().await;
        watch.each(number)
    })
}

/// A tracker cancels nothing: its tasks look at a token.
fn tracker(number: usize) -> Sample {
    on_worker(async move {
        let (tracker, token) = (TaskTracker::new(), CancellationToken::new());
        let begun = Arc::new(AtomicUsize::new(0));
        for _ in 0..number {
            let task = idle(Arc::clone(&begun));
            tracker.spawn(token.clone().run_until_cancelled_owned(task));
        }
        tracker.close();
        all(&begun, number).await;
        let watch = Stopwatch::start();
        token.cancel();
        tracker.wait().await;
        watch.each(number)
    })
}
