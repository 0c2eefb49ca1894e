//! Groups: opened, cancelled, joined.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rejoin::__private::{GroupId, Options, Site, launch, plain, shape, task_group};
use rejoin::TaskGroup;
use tokio::task::{JoinSet, yield_now};

use super::pairs::{Row, Stopwatch, Target, on_worker, timed};

const IDLE: usize = 1_000_000;
const GROUPS: usize = 50_000;

static FUNCTION: GroupId = GroupId::new("versus::groups");
static SITE: Site = Site::new("versus::groups::one");

pub(crate) const CANCEL: Row = Row {
    name: "cancel + join of 1e6 idle tasks / JoinSet::shutdown",
    target: Target::Ratio(0.85),
    ours: || {
        on_worker(async {
            let group = TaskGroup::<std::io::Error>::new();
            let begun = Arc::new(AtomicUsize::new(0));
            for _ in 0..IDLE {
                group.launch(idle(Arc::clone(&begun)));
            }
            all(&begun).await;
            let watch = Stopwatch::start();
            group.cancel();
            group.join().await.expect("cancelling is no failure");
            watch.each(IDLE)
        })
    },
    theirs: || {
        on_worker(async {
            let mut set = JoinSet::new();
            let begun = Arc::new(AtomicUsize::new(0));
            for _ in 0..IDLE {
                set.spawn(idle(Arc::clone(&begun)));
            }
            all(&begun).await;
            let watch = Stopwatch::start();
            set.shutdown().await;
            watch.each(IDLE)
        })
    },
};

async fn idle(begun: Arc<AtomicUsize>) {
    begun.fetch_add(1, Ordering::Relaxed);
    drop(begun);
    pending::<()>().await;
}

/// Waits until every task has been polled, so that cancelling finds them idle.
async fn all(begun: &AtomicUsize) {
    while begun.load(Ordering::Relaxed) < IDLE {
        yield_now().await;
    }
}

pub(crate) const ONE_CHILD: Row = Row {
    name: "open + join of a group with one child / one-task JoinSet",
    target: Target::Ratio(0.95),
    ours: || {
        timed(GROUPS, async {
            for _ in 0..GROUPS {
                task_group(
                    &FUNCTION,
                    Options::new(),
                    async { launch(&SITE, plain(), yield_now()) },
                    |body| shape!(body),
                    |_, error| Err(error),
                )
                .await;
            }
        })
    },
    theirs: || {
        timed(GROUPS, async {
            for _ in 0..GROUPS {
                let mut set = JoinSet::new();
                set.spawn(yield_now());
                while let Some(ended) = set.join_next().await {
                    ended.expect("a task that only yields");
                }
            }
        })
    },
};
