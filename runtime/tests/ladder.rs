//! The cancellation ladder (G7): the token, then the grace, then the abort; and who sees which cause.

mod common;

use std::future::pending;
use std::time::Duration;

use common::{Error, Gauge, GroupId, Narrow, OnDrop, Options, group, launch, launch_in, settle};
use rejoin::{CancelCause, TaskGroup, cancelled, is_cancelled};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

static FUNCTION: GroupId = GroupId::new("ladder");

type Group = TaskGroup<std::io::Error>;

const HOUR: Duration = Duration::from_secs(3600);

#[tokio::test]
async fn tasks_and_their_tasks_see_the_token_and_end_in_good_order() {
    let group = Group::builder().grace(HOUR).open();
    let (sender, mut seen) = mpsc::unbounded_channel();
    group.launch({
        let sender = sender.clone();
        async move {
            launch!("grandchild", {
                let sender = sender.clone();
                async move { sender.send(cancelled().await).unwrap() }
            });
            assert!(!is_cancelled());
            sender.send(cancelled().await).unwrap();
            assert!(is_cancelled());
            settle().await; // in good order
            sender.send(cancelled().await).unwrap(); // seen again at the next await
        }
    });
    drop(sender);
    settle().await;
    group.cancel();
    for _ in 0..3 {
        assert_eq!(seen.recv().await, Some(CancelCause::Requested));
    }
    group.join().await.unwrap();
}

#[tokio::test]
async fn a_blocking_task_sees_that_it_is_cancelled() {
    let group = Group::new();
    let (started, running) = oneshot::channel();
    let task = group.spawn_blocking(move || {
        started.send(()).unwrap();
        while !is_cancelled() {
            std::thread::yield_now();
        }
        7
    });
    running.await.unwrap();
    group.cancel();
    assert_eq!(task.await.unwrap(), 7);
    group.join().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn after_the_grace_what_remains_is_aborted() {
    let gauge = Gauge::default();
    let counted = gauge.clone();
    let start = Instant::now();
    let options = Options::new().grace(Duration::from_secs(5));
    let outcome = group!(FUNCTION -> Result<(), Error>, options, async move {
        let (stubborn, polite) = (counted.enter(), counted.enter());
        launch!("stubborn", async move {
            let _alive = stubborn;
            loop {
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        });
        launch!("polite", async move {
            let _alive = polite;
            cancelled().await;
            tokio::time::sleep(Duration::from_secs(4)).await;
        });
        settle().await;
        Err(Error::Text("body"))
    })
    .await;
    assert_eq!(outcome, Err(Error::Text("body")));
    assert_eq!(start.elapsed().as_secs(), 5);
    assert_eq!((gauge.all(), gauge.now()), (2, 0));
}

#[tokio::test(start_paused = true)]
async fn the_group_ends_as_soon_as_its_tasks_have_within_the_grace() {
    let start = Instant::now();
    let group = Group::builder().grace(HOUR).open();
    group.launch(async {
        cancelled().await;
        tokio::time::sleep(Duration::from_secs(2)).await;
    });
    settle().await;
    group.cancel();
    group.join().await.unwrap();
    assert_eq!(start.elapsed().as_secs(), 2);
}

#[tokio::test(start_paused = true)]
async fn the_explicit_groups_grace_ends_without_anybody_joining() {
    let gauge = Gauge::default();
    let group = Group::builder().grace(Duration::from_secs(5)).open();
    let alive = gauge.enter();
    group.launch(async move {
        let _alive = alive;
        pending::<()>().await;
    });
    settle().await;
    group.cancel();
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert_eq!(gauge.now(), 1);
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(gauge.now(), 0);
    group.join().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn without_a_grace_tasks_are_aborted_at_once() {
    let start = Instant::now();
    let group = Group::new();
    let (ended, has_ended) = oneshot::channel();
    let mut ended = Some(ended);
    group.launch(async move {
        let _end = OnDrop(move || ended.take().unwrap().send(()).unwrap());
        pending::<()>().await;
    });
    settle().await;
    group.cancel();
    has_ended.await.unwrap();
    assert_eq!(start.elapsed(), Duration::ZERO);
    group.join().await.unwrap();
}

#[tokio::test]
async fn a_blocking_task_is_waited_for_however_long_it_takes() {
    let group = Group::new();
    let (stop, stopped) = std::sync::mpsc::channel::<()>();
    let (started, running) = oneshot::channel();
    let gauge = Gauge::default();
    let alive = gauge.enter();
    drop(group.spawn_blocking(move || {
        started.send(()).unwrap();
        let _ = stopped.recv();
        drop(alive);
    }));
    running.await.unwrap();
    group.cancel();
    let mut joined = Box::pin(group.join());
    tokio::select! {
        biased;
        _ = &mut joined => panic!("left a blocking task behind"),
        () = common::settle_for(Duration::from_millis(20)) => {}
    }
    drop(stop);
    joined.await.unwrap();
    assert_eq!(gauge.now(), 0);
}

#[test]
fn a_blocking_task_that_has_not_begun_never_does() {
    // The pool has one thread, and that is taken.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .max_blocking_threads(1)
        .build()
        .unwrap();
    runtime.block_on(async {
        let (free, is_free) = std::sync::mpsc::channel::<()>();
        let busy = tokio::task::spawn_blocking(move || is_free.recv());
        let group = Group::new();
        let task = group.spawn_blocking(|| unreachable!());
        group.cancel();
        drop(free);
        group.join().await.unwrap();
        assert!(task.await.map(|(): ()| ()).unwrap_err().is_cancelled());
        let _ = busy.await.unwrap();
    });
}

#[test]
fn what_a_blocking_task_that_never_began_has_captured_is_dropped_before_the_group_ends() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .max_blocking_threads(1)
        .build()
        .unwrap();
    runtime.block_on(async {
        let (free, is_free) = std::sync::mpsc::channel::<()>();
        let busy = tokio::task::spawn_blocking(move || is_free.recv());
        let (drops, mut dropping) = mpsc::unbounded_channel();
        let (finish, finished) = std::sync::mpsc::channel::<()>();
        let captured = OnDrop(move || {
            drops.send(()).unwrap();
            finished.recv().unwrap_err();
        });
        let group = Group::new();
        drop(group.spawn_blocking(move || drop(captured)));
        group.cancel();
        drop(free);
        let mut joined = std::pin::pin!(group.join());
        tokio::select! {
            biased;
            _ = &mut joined => panic!("joined before the closure was dropped"),
            begun = dropping.recv() => begun.unwrap(),
        }
        tokio::select! {
            biased;
            _ = &mut joined => panic!("joined while the closure is being dropped"),
            () = std::future::ready(()) => drop(finish),
        }
        joined.await.unwrap();
        let _ = busy.await.unwrap();
    });
}

#[tokio::test]
async fn a_cancelled_group_cancels_the_groups_inside_it_with_its_cause() {
    static INNER: GroupId = GroupId::new("inner");
    let (sender, mut seen) = mpsc::unbounded_channel();
    let token = tokio_util::sync::CancellationToken::new();
    let options = Options::new().token(token.clone()).grace(HOUR);
    let group = tokio::spawn(group!(FUNCTION -> Result<(), Narrow>, options, async move {
        let options = Options::new().grace(HOUR);
        group!(INNER -> Result<(), Narrow>, options, async move {
            launch!(async move { sender.send(cancelled().await).unwrap() });
            cancelled().await;
            Ok(())
        })
        .await
    }));
    settle().await;
    token.cancel();
    assert_eq!(seen.recv().await, Some(CancelCause::Token));
    assert_eq!(group.await.unwrap(), Ok(()));
}

#[tokio::test]
async fn a_cancelled_inner_group_leaves_the_outer_one_alone() {
    let outer = Group::new();
    let survivor = outer.spawn(async {
        let inner = Group::new();
        inner.launch(pending::<()>());
        inner.cancel();
        inner.join().await.unwrap();
        is_cancelled()
    });
    assert!(!survivor.await.unwrap());
    outer.join().await.unwrap();
}

#[tokio::test]
async fn a_failure_says_which_task_it_was() {
    let (sender, mut seen) = mpsc::unbounded_channel();
    let options = Options::new().grace(HOUR);
    let line = line!() + 6;
    let _ = group!(FUNCTION -> Result<(), Error>, options, async move {
        launch!("witness", async move {
            sender.send(cancelled().await).unwrap();
        });
        settle().await;
        launch!("culprit", async { panic!("culprit") });
        pending().await
    })
    .await;
    let cause = seen.recv().await.unwrap();
    let CancelCause::Failure { task, spawned_at } = &cause else {
        panic!("{cause}")
    };
    assert_eq!((*task, spawned_at.line()), ("culprit", line));
    assert!(cause.to_string().starts_with("task `culprit` (spawned at "));
}

#[tokio::test]
async fn a_dropped_group_says_so_to_its_blocking_tasks() {
    let (started, running) = oneshot::channel();
    let (sender, mut seen) = mpsc::unbounded_channel();
    let group = Group::new();
    let task = group.spawn_blocking(move || {
        started.send(()).unwrap();
        let cause = tokio::runtime::Handle::current().block_on(cancelled());
        sender.send(cause).unwrap();
    });
    running.await.unwrap();
    drop(group);
    assert_eq!(seen.recv().await, Some(CancelCause::Dropped));
    task.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_group_cancelled_by_the_failure_of_the_group_around_it_says_so() {
    static INNER: GroupId = GroupId::new("inner");
    // Within the grace of the outer group the inner one still returns; its function has a word for that.
    let (sender, mut returned) = mpsc::unbounded_channel();
    let options = Options::new().grace(HOUR);
    let outcome = group!(FUNCTION -> Result<(), Error>, options, async move {
        launch!(async move {
            let inner = group!(INNER -> Result<(), Error>, async {
                launch!(pending::<()>());
                pending().await
            });
            sender.send(inner.await).unwrap();
        });
        settle().await;
        launch_in!(FUNCTION, async { Err::<(), _>("outer") });
        pending().await
    })
    .await;
    assert_eq!(outcome, Err(Error::Text("outer")));
    let inner = returned.recv().await.unwrap();
    assert!(
        matches!(
            inner,
            Err(Error::Cancelled(CancelCause::Failure { task: "task", .. }))
        ),
        "{inner:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_group_opened_in_one_that_has_failed_says_so_without_running() {
    static INNER: GroupId = GroupId::new("inner");
    let (sender, mut returned) = mpsc::unbounded_channel();
    let options = Options::new().grace(HOUR);
    let _ = group!(FUNCTION -> Result<(), Error>, options, async move {
        launch!(async move {
            cancelled().await;
            let inner = group!(INNER -> Result<(), Error>, async { unreachable!() });
            sender.send(inner.await).unwrap();
        });
        settle().await;
        Err(Error::Text("outer"))
    })
    .await;
    let inner = returned.recv().await.unwrap();
    assert!(
        matches!(
            inner,
            Err(Error::Cancelled(CancelCause::Failure {
                task: "ladder",
                ..
            }))
        ),
        "{inner:?}"
    );
}

#[tokio::test]
async fn a_failure_of_its_own_goes_before_that_of_the_group_around_it() {
    static INNER: GroupId = GroupId::new("inner");
    let outcome = group!(FUNCTION -> Result<(), Error>, Options::new().grace(HOUR), async {
        let inner = group!(INNER -> Result<(), Error>, async {
            launch_in!(INNER, async { Err::<(), _>("own") });
            pending().await
        });
        assert_eq!(inner.await, Err(Error::Text("own")));
        Ok(())
    });
    assert_eq!(outcome.await, Ok(()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_frame_may_look_while_another_thread_is_cancelling() {
    // Between a group's cancelling and its abort its frame may be polled on another thread.
    for _ in 0..300 {
        let body = async {
            for _ in 0..20 {
                launch!(pending::<()>());
            }
            launch_in!(FUNCTION, async { Err::<(), _>("task") });
            loop {
                tokio::task::yield_now().await;
            }
        };
        let outcome = tokio::spawn(group!(FUNCTION -> Result<(), Error>, body)).await;
        assert_eq!(outcome.unwrap(), Err(Error::Text("task")));
    }
}
