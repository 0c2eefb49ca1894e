//! A group whose future is dropped, also by an unwinding (G12): no child is ever detached.

mod common;

use std::future::pending;
use std::panic::{AssertUnwindSafe, catch_unwind};

use common::log::Log;
use common::{Bomb, Error, Gauge, GroupId, group, launch, launch_in, settle};
use futures::{FutureExt as _, poll};
use rejoin::TaskGroup;
use tokio::sync::oneshot;

static FUNCTION: GroupId = GroupId::new("dropped");

type Group = TaskGroup<std::io::Error>;

#[tokio::test]
async fn a_group_that_was_never_polled_is_nothing() {
    let gauge = Gauge::default();
    let body = gauge.enter();
    drop(group!(FUNCTION -> (), async move {
        let _body = body;
        unreachable!()
    }));
    assert_eq!(gauge.now(), 0);
}

#[tokio::test]
async fn the_body_is_dropped_in_its_scope() {
    let seen = std::sync::Arc::new(std::sync::Mutex::new(None));
    let note = seen.clone();
    let mut group = Box::pin(group!(FUNCTION, async move {
        let _note = common::OnDrop(move || {
            *note.lock().unwrap() = Some(rejoin::is_cancelled());
        });
        pending::<()>().await;
    }));
    assert!(poll!(&mut group).is_pending());
    drop(group);
    assert_eq!(*seen.lock().unwrap(), Some(true));
}

#[tokio::test]
async fn a_destructor_of_the_body_that_spawns_leaves_nothing_behind() {
    let gauge = Gauge::default();
    let alive = gauge.enter();
    let mut group = Box::pin(group!(FUNCTION, async move {
        let mut alive = Some(alive);
        let _spawns = common::OnDrop(move || {
            let alive = alive.take();
            launch!(async move {
                let _alive = alive;
                pending::<()>().await;
            });
        });
        pending::<()>().await;
    }));
    assert!(poll!(&mut group).is_pending());
    drop(group);
    settle().await;
    assert_eq!(gauge.now(), 0);
}

#[tokio::test]
async fn a_group_dropped_by_an_unwinding_cancels_its_tasks() {
    let gauge = Gauge::default();
    let alive = gauge.enter();
    let outer = async {
        let group = group!(FUNCTION, async move {
            launch!(async move {
                let _alive = alive;
                pending::<()>().await;
            });
            pending::<()>().await;
        });
        let mut group = std::pin::pin!(group);
        assert!(poll!(&mut group).is_pending());
        settle().await;
        panic!("the caller")
    };
    let payload = AssertUnwindSafe(outer).catch_unwind().await;
    assert_eq!(
        payload.map(|(): ()| ()).unwrap_err().downcast_ref(),
        Some(&"the caller")
    );
    settle().await;
    assert_eq!(gauge.now(), 0);
}

#[tokio::test]
async fn an_explicit_group_dropped_by_an_unwinding_cancels_its_tasks() {
    let gauge = Gauge::default();
    let alive = gauge.enter();
    let unwound = catch_unwind(AssertUnwindSafe(|| {
        let group = Group::new();
        group.launch(async move {
            let _alive = alive;
            pending::<()>().await;
        });
        panic!("the caller");
    }));
    unwound.unwrap_err();
    settle().await;
    assert_eq!(gauge.now(), 0);
}

#[tokio::test]
async fn destructors_that_panic_while_unwinding_do_not_abort_the_process() {
    let (log, _guard) = Log::here();
    let outer = async {
        let mut group = Box::pin(group!(FUNCTION, async {
            launch!(async {
                let _bomb = Bomb("of a task");
                pending::<()>().await;
            });
            let _bomb = Bomb("of the body");
            pending::<()>().await;
        }));
        assert!(poll!(&mut group).is_pending());
        settle().await;
        panic!("the caller")
    };
    let payload = AssertUnwindSafe(outer).catch_unwind().await;
    assert_eq!(
        payload.map(|(): ()| ()).unwrap_err().downcast_ref(),
        Some(&"the caller")
    );
    settle().await;
    // The caller's own panic is reported by another thread, sooner or later.
    let mut lines = log.lines();
    lines.retain(|line| line != "unowned: the caller");
    assert_eq!(lines, ["panic: of the body", "panic: of a task"]);
}

#[tokio::test]
async fn a_destructor_of_the_body_that_panics_unwinds_out_of_the_drop() {
    let mut group = Box::pin(group!(FUNCTION, async {
        let _bomb = Bomb("of the body");
        pending::<()>().await;
    }));
    assert!(poll!(&mut group).is_pending());
    let payload = catch_unwind(AssertUnwindSafe(|| drop(group))).unwrap_err();
    assert_eq!(payload.downcast_ref(), Some(&"of the body"));
}

#[tokio::test]
async fn failures_that_nobody_is_left_for_are_reported() {
    let (log, _guard) = Log::here();
    let (release, released) = std::sync::mpsc::channel::<()>();
    let (started, running) = oneshot::channel();
    let (failing, has_failed) = oneshot::channel();
    let mut group = Box::pin(group!(FUNCTION -> Result<(), Error>, async move {
        common::launch_blocking!("slow", move || {
            started.send(()).unwrap();
            let _ = released.recv();
        });
        running.await.unwrap();
        launch_in!(FUNCTION, async {
            failing.send(()).unwrap();
            Err::<(), _>("the first")
        });
        pending().await
    }));
    tokio::select! {
        biased;
        _ = &mut group => unreachable!(),
        failed = has_failed => failed.unwrap(),
    }
    assert_eq!(log.lines(), [""; 0]);
    drop(group);
    assert_eq!(log.lines(), ["error: the first"]);
    drop(release);
}

#[tokio::test]
async fn the_bodys_error_is_reported_when_the_group_is_dropped_during_its_wait() {
    let (log, _guard) = Log::here();
    let (release, released) = std::sync::mpsc::channel::<()>();
    let (started, running) = oneshot::channel();
    let (ends, has_ended) = oneshot::channel::<()>();
    let mut group = Box::pin(group!(FUNCTION -> Result<(), std::io::Error>, async move {
        common::launch_blocking!("slow", move || {
            started.send(()).unwrap();
            let _ = released.recv();
        });
        let _ends = ends;
        running.await.unwrap();
        Err(std::io::Error::other("the body"))
    }));
    tokio::select! {
        biased;
        _ = &mut group => unreachable!(),
        ended = has_ended => assert!(ended.is_err(), "its sender is dropped with the body"),
    }
    drop(group);
    assert_eq!(log.lines(), ["error: the body"]);
    drop(release);
}

#[tokio::test]
async fn an_explicit_group_dropped_with_failures_reports_them() {
    let (log, _guard) = Log::here();
    let group = TaskGroup::<std::io::Error>::builder()
        .on_failure(rejoin::OnFailure::Collect)
        .open();
    for text in ["a", "b"] {
        group.launch(async move { Err::<(), _>(std::io::Error::other(text)) });
    }
    settle().await;
    drop(group);
    let lines = log.lines();
    assert!(
        lines[0].contains('a') && lines[1].contains('b'),
        "{lines:?}"
    );
}
