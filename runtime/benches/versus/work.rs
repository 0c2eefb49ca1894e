//! So many tasks with one yield each, spawned and joined: ours and the peers'.

use std::future::Future;

use rejoin::__private::{GroupId, Options, Site, launch, plain, shape, spawn, task_group};
use tokio::task::{JoinSet, yield_now};
use tokio_util::task::TaskTracker;

static FUNCTION: GroupId = GroupId::new("work");
static SITE: Site = Site::new("work::one");

/// What `#[task_group]` makes of a loop of `tokio::spawn(yield_now());`.
pub(crate) fn launched(tasks: usize) -> impl Future<Output = ()> + Send {
    task_group(
        &FUNCTION,
        Options::new(),
        async move {
            for _ in 0..tasks {
                launch(&SITE, plain(), yield_now());
            }
        },
        |body| shape!(body),
        |_, error| Err(error),
    )
}

/// What `#[task_group]` makes of [`raw`].
pub(crate) fn held(tasks: usize) -> impl Future<Output = ()> + Send {
    task_group(
        &FUNCTION,
        Options::new(),
        rooted(tasks),
        |body| shape!(body),
        |_, error| Err(error),
    )
}

/// What `#[guarded(on_panic = "unwind")]` makes of [`raw`].
pub(crate) async fn rooted(tasks: usize) {
    let mut handles = Vec::with_capacity(tasks);
    for _ in 0..tasks {
        handles.push(spawn(&SITE, yield_now()));
    }
    for handle in handles {
        handle.await.expect("a task that only yields");
    }
}

/// As [`rooted`], from so many places by turns: the root of a real service has dozens to hundreds.
pub(crate) async fn rooted_from(places: usize, tasks: usize) {
    static PLACES: [Site; 200] = [const { Site::new("work::many") }; 200];
    let mut handles = Vec::with_capacity(tasks);
    for site in PLACES[..places].iter().cycle().take(tasks) {
        handles.push(spawn(site, yield_now()));
    }
    for handle in handles {
        handle.await.expect("a task that only yields");
    }
}

pub(crate) async fn raw(tasks: usize) {
    let mut handles = Vec::with_capacity(tasks);
    for _ in 0..tasks {
        handles.push(tokio::spawn(yield_now()));
    }
    for handle in handles {
        handle.await.expect("a task that only yields");
    }
}

pub(crate) async fn join_set(tasks: usize) {
    let mut set = JoinSet::new();
    for _ in 0..tasks {
        set.spawn(yield_now());
    }
    while let Some(ended) = set.join_next().await {
        ended.expect("a task that only yields");
    }
}

pub(crate) async fn tracker(tasks: usize) {
    let tracker = TaskTracker::new();
    for _ in 0..tasks {
        tracker.spawn(yield_now());
    }
    tracker.close();
    tracker.wait().await;
}
