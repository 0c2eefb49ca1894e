//! Letting a task go on purpose: it moves to the root.

mod common;

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use common::{Gauge, GroupId, Options, group, launch, live, settle, spawn};
use futures::poll;
use rejoin::{TaskGroup, detach};
use tokio::sync::oneshot;

static FUNCTION: GroupId = GroupId::new("letting_go");

type Group = TaskGroup<std::io::Error>;

#[tokio::test]
async fn the_group_waits_no_longer_for_an_idle_task() {
    let (end, ended) = oneshot::channel::<()>();
    group!(FUNCTION, async {
        let task = spawn!("idle_and_let_go", async { ended.await.unwrap() });
        settle().await;
        detach(task, "the audit log is written beside the answer");
    })
    .await;
    assert_eq!(live("idle_and_let_go").len(), 1, "the root has it");
    end.send(()).unwrap();
    settle().await;
    assert_eq!(live("idle_and_let_go"), [""; 0]);
}

#[tokio::test]
async fn a_group_that_waits_already_is_woken() {
    let (sender, task) = oneshot::channel();
    let mut group = Box::pin(group!(FUNCTION, async {
        let task = spawn!("let_go_later", pending::<()>());
        sender.send(task).unwrap();
    }));
    assert!(poll!(&mut group).is_pending());
    settle().await;
    assert!(poll!(&mut group).is_pending());
    let group = tokio::spawn(group);
    settle().await;
    let task = task.await.unwrap();
    let abort = task.abort_handle();
    detach(task, "from outside");
    group.await.unwrap();
    abort.abort();
}

#[tokio::test]
async fn it_waits_for_the_others() {
    let (end, ended) = oneshot::channel::<()>();
    let group = Group::new();
    let task = group.spawn(pending::<()>());
    let abort = task.abort_handle();
    group.launch(async { ended.await.unwrap() });
    settle().await;
    detach(task, "only this one");
    let mut joined = Box::pin(group.join());
    settle().await;
    assert!(poll!(&mut joined).is_pending());
    end.send(()).unwrap();
    joined.await.unwrap();
    abort.abort();
}

#[tokio::test]
async fn a_cancelled_group_does_not_cancel_it() {
    let (end, ended) = oneshot::channel::<()>();
    let (sender, seen) = oneshot::channel();
    let group = Group::new();
    let task = group.spawn(async {
        ended.await.unwrap();
        sender.send(rejoin::is_cancelled()).unwrap();
    });
    settle().await;
    detach(task, "survives");
    group.cancel();
    group.join().await.unwrap();
    end.send(()).unwrap();
    assert!(!seen.await.unwrap());
}

#[tokio::test]
async fn a_dropped_group_does_not_cancel_it() {
    let (end, ended) = oneshot::channel::<()>();
    let (sender, seen) = oneshot::channel();
    let group = Group::new();
    let task = group.spawn(async {
        ended.await.unwrap();
        sender.send(()).unwrap();
    });
    detach(task, "before its first poll");
    drop(group);
    end.send(()).unwrap();
    seen.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_task_that_runs_at_that_moment_is_let_go() {
    let (started, running) = oneshot::channel();
    let (release, released) = std::sync::mpsc::channel::<()>();
    let (sender, seen) = oneshot::channel();
    let group = Group::new();
    let task = group.spawn(async move {
        started.send(()).unwrap();
        let _ = released.recv();
        tokio::task::yield_now().await;
        sender.send(rejoin::is_cancelled()).unwrap();
    });
    running.await.unwrap();
    detach(task, "while it runs");
    tokio::time::timeout(Duration::from_secs(60), group.join())
        .await
        .expect("does not wait for it")
        .unwrap();
    drop(release);
    assert!(!seen.await.unwrap());
}

#[tokio::test]
async fn what_it_spawns_afterwards_belongs_to_the_root() {
    let (go, going) = oneshot::channel::<()>();
    let (sender, seen) = oneshot::channel();
    let group = Group::builder().name("left_behind").open();
    let task = group.spawn(async {
        going.await.unwrap();
        launch!("of_a_free_task", pending::<()>());
        sender.send(live("of_a_free_task")).unwrap();
    });
    settle().await;
    detach(task, "");
    group.join().await.unwrap();
    go.send(()).unwrap();
    assert_eq!(seen.await.unwrap(), ["of_a_free_task"]);
}

#[tokio::test]
async fn what_it_spawned_before_belongs_to_its_group_still() {
    let gauge = Gauge::default();
    let (alive, (end, ended)) = (gauge.enter(), oneshot::channel::<()>());
    let group = Group::new();
    let task = group.spawn(async {
        launch!("child", async move {
            ended.await.unwrap();
            drop(alive);
        });
        pending::<()>().await;
    });
    settle().await;
    let abort = task.abort_handle();
    detach(task, "");
    let mut joined = Box::pin(group.join());
    settle().await;
    assert!(poll!(&mut joined).is_pending());
    end.send(()).unwrap();
    joined.await.unwrap();
    assert_eq!(gauge.now(), 0);
    abort.abort();
}

#[tokio::test]
async fn it_is_found_from_another_scope() {
    let group = Group::new();
    let task = group.spawn(pending::<()>());
    let abort = task.abort_handle();
    let other = Group::new();
    let letting_go = other.spawn(async move { detach(task, "from a stranger") });
    letting_go.await.unwrap();
    group.join().await.unwrap();
    other.join().await.unwrap();
    abort.abort();
}

#[tokio::test]
async fn a_handle_that_is_not_ours_is_just_dropped() {
    let (sender, seen) = oneshot::channel();
    detach(tokio::spawn(async { sender.send(()).unwrap() }), "tokio's");
    seen.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn letting_go_of_a_task_that_has_ended_does_not_keep_the_joiner_busy() {
    // Paused time moves only when nobody is busy: a joiner that wakes itself would wait for ever.
    let group = Group::new();
    let ended = group.spawn(async {});
    group.launch(tokio::time::sleep(Duration::from_secs(1)));
    settle().await;
    assert!(ended.is_finished());
    detach(ended, "too late");
    group.join().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_free_task_that_ends_does_not_keep_the_joiner_busy() {
    let group = Group::new();
    let (end, ended) = oneshot::channel::<()>();
    let task = group.spawn(async { ended.await.unwrap() });
    group.launch(tokio::time::sleep(Duration::from_secs(1)));
    settle().await;
    detach(task, "");
    end.send(()).unwrap();
    group.join().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_idle_free_task_does_not_keep_the_joiner_busy() {
    let group = Group::new();
    let task = group.spawn(pending::<()>());
    let abort = task.abort_handle();
    group.launch(tokio::time::sleep(Duration::from_secs(1)));
    settle().await;
    detach(task, "");
    group.join().await.unwrap();
    abort.abort();
}

#[tokio::test]
async fn the_scopes_around_its_group_do_not_wait_for_it() {
    static INNER: GroupId = GroupId::new("inner");
    let (sender, handle) = oneshot::channel();
    let options = Options::new();
    group!(FUNCTION, options, async {
        group!(INNER, async {
            let task = spawn!("free_of_both", pending::<()>());
            sender.send(task.abort_handle()).unwrap();
            settle().await;
            detach(task, "");
        })
        .await;
    })
    .await;
    assert_eq!(live("free_of_both").len(), 1);
    handle.await.unwrap().abort();
    settle().await;
    assert_eq!(live("free_of_both"), [""; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn letting_go_in_the_last_moment_of_a_task_loses_nobody() {
    for _ in 0..300 {
        let group = Group::new();
        let gauge = Gauge::default();
        let alive = gauge.enter();
        let task = group.spawn(tokio::task::yield_now());
        group.launch(async move {
            settle().await;
            drop(alive);
        });
        tokio::task::yield_now().await;
        detach(task, "");
        group.join().await.unwrap();
        assert_eq!(gauge.now(), 0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_task_let_go_in_its_last_poll_does_not_keep_the_joiner_busy() {
    let (started, running) = oneshot::channel::<()>();
    let (release, released) = std::sync::mpsc::channel::<()>();
    let (end, ended) = oneshot::channel::<()>();
    let group = Group::new();
    let task = group.spawn(async move {
        common::elsewhere(started);
        let _ = released.recv();
    });
    group.launch(async { ended.await.unwrap() });
    let _ = running.await;
    let watched = task.abort_handle();
    detach(task, "it never follows: it is polled no more");
    drop(release);
    while !watched.is_finished() {
        tokio::task::yield_now().await;
    }
    let polls = Arc::new(AtomicUsize::new(0));
    let counted = polls.clone();
    let mut joining = Box::pin(group.join());
    let joined = tokio::spawn(std::future::poll_fn(move |cx| {
        counted.fetch_add(1, Ordering::SeqCst);
        joining.as_mut().poll(cx)
    }));
    common::settle_for(Duration::from_millis(20)).await;
    assert!(polls.load(Ordering::SeqCst) < 10, "{polls:?} polls");
    end.send(()).unwrap();
    joined.await.unwrap().unwrap();
}
