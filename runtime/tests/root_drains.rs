//! `root().join` when everything ends within the grace. Alone in its process: it waits for all that is in it.

mod common;

use std::time::Duration;

use common::{Gauge, GroupId, OnDrop, group, launch, settle};
use futures::poll;
use rejoin::{TaskGroup, is_cancelled, root, shield};
use tokio::sync::oneshot;

const HOUR: Duration = Duration::from_secs(3600);

#[test]
fn joining_the_root_waits_for_whatever_is_alive_anywhere() {
    // No timer: the root needs none of tokio's.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(async {
        nothing_is_alive().await;
        everything_is_waited_for().await;
        several_may_wait().await;
        an_orphan_is_waited_for().await;
        a_task_on_another_runtime_is_waited_for().await;
        a_panicking_task_ends_like_any_other().await;
        it_may_be_given_up().await;
    });
    assert!(!is_cancelled(), "nothing was cancelled");
}

async fn nothing_is_alive() {
    assert!(root().join(Duration::ZERO).await.is_empty());
    rejoin::shutdown_requested().await;
}

async fn everything_is_waited_for() {
    static FUNCTION: GroupId = GroupId::new("group");
    let gauge = Gauge::default();
    let (plain, blocking, grouped, shielded, detached) = (
        gauge.enter(),
        gauge.enter(),
        gauge.enter(),
        gauge.enter(),
        gauge.enter(),
    );
    launch!(async move {
        settle().await;
        launch!(async move {
            settle().await;
            drop(plain);
        });
    });
    drop(rejoin::spawn_blocking(move || drop(blocking)));
    let group = root().spawn(group!(FUNCTION, async move {
        launch!(async move {
            settle().await;
            drop(grouped);
        });
    }));
    drop(shield(async move {
        settle().await;
        drop(shielded);
    }));
    let free = rejoin::spawn(async move {
        settle().await;
        drop(detached);
    });
    rejoin::detach(free, "for the test");
    let thread = rejoin::__private::spawn_thread(const { &common::Site::new("thread") }, {
        let alive = gauge.enter();
        move || drop(alive)
    });
    assert!(root().join(HOUR).await.is_empty());
    assert_eq!((gauge.all(), gauge.now()), (6, 0));
    group.await.unwrap();
    thread.join().unwrap();
    assert!(root().live().is_empty());
}

async fn several_may_wait() {
    let (end, ended) = oneshot::channel::<()>();
    let task = rejoin::spawn(ended);
    let mut first = Box::pin(root().join(HOUR));
    let mut second = Box::pin(root().join(HOUR));
    assert!(poll!(&mut first).is_pending());
    assert!(poll!(&mut second).is_pending());
    end.send(()).unwrap();
    task.await.unwrap().unwrap();
    let (first, second) = tokio::join!(first, second);
    assert!(first.is_empty() && second.is_empty());
}

async fn an_orphan_is_waited_for() {
    let (ended, has_ended) = oneshot::channel();
    let mut ended = Some(ended);
    let (started, running) = oneshot::channel();
    let group = TaskGroup::<std::io::Error>::new();
    group.launch(async move {
        let _end = OnDrop(move || ended.take().unwrap().send(()).unwrap());
        started.send(()).unwrap();
        std::future::pending::<()>().await;
    });
    running.await.unwrap();
    drop(group);
    let mut has_ended = has_ended;
    assert!(has_ended.try_recv().is_err(), "aborted, not yet ended");
    assert!(root().join(HOUR).await.is_empty());
    has_ended.try_recv().expect("the root has waited for it");
}

async fn a_task_on_another_runtime_is_waited_for() {
    let other = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .build()
        .unwrap();
    let gauge = Gauge::default();
    let alive = gauge.enter();
    {
        let _entered = other.enter();
        launch!(async move {
            settle().await;
            drop(alive);
        });
    }
    assert!(root().join(HOUR).await.is_empty());
    assert_eq!(gauge.now(), 0);
    other.shutdown_background();
}

async fn a_panicking_task_ends_like_any_other() {
    launch!(async { panic!("in the root") });
    assert!(root().join(HOUR).await.is_empty());
}

async fn it_may_be_given_up() {
    let (end, ended) = oneshot::channel::<()>();
    let task = rejoin::spawn(ended);
    let mut joining = Box::pin(root().join(HOUR));
    assert!(poll!(&mut joining).is_pending());
    drop(joining);
    assert!(!is_cancelled(), "the waiting is over, nothing else");
    end.send(()).unwrap();
    task.await.unwrap().unwrap();
}
