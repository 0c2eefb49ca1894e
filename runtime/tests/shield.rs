//! Work that a cancellation does not stop (C2).

mod common;

use std::future::pending;
use std::time::Duration;

use common::{
    Error, Gauge, GroupId, Narrow, OnDrop, Options, group, launch, panic_of, settle, spawn,
};
use futures::poll;
use rejoin::{CancelCause, TaskGroup, is_cancelled, shield, shield_local};
use tokio::sync::oneshot;

static FUNCTION: GroupId = GroupId::new("shielding");

type Group = TaskGroup<std::io::Error>;

#[tokio::test]
async fn it_gives_the_output() {
    assert_eq!(shield(async { 7 }).await, 7);
}

#[tokio::test]
async fn it_starts_at_the_call() {
    let (started, has_started) = oneshot::channel();
    let shielded = shield(async { started.send(()).unwrap() });
    has_started.await.unwrap();
    shielded.await;
}

#[tokio::test]
async fn it_runs_to_its_end_when_what_it_returned_is_dropped() {
    let (done, is_done) = oneshot::channel();
    drop(shield(async {
        settle().await;
        done.send(()).unwrap();
    }));
    is_done.await.unwrap();
}

#[tokio::test]
async fn it_runs_to_its_end_when_its_caller_is_cancelled() {
    let (done, mut is_done) = oneshot::channel();
    let group = Group::new();
    group.launch(async {
        shield(async {
            settle().await;
            assert!(!is_cancelled());
            done.send(()).unwrap();
        })
        .await;
        unreachable!("the caller itself is aborted")
    });
    settle_a_little().await;
    group.cancel();
    group.join().await.unwrap();
    is_done.try_recv().expect("the group has waited for it");
}

async fn settle_a_little() {
    for _ in 0..3 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn it_works_in_a_scope_that_is_cancelled_already() {
    let (done, mut is_done) = oneshot::channel();
    let mut done = Some(done);
    let group = Group::new();
    group.launch(async move {
        // Cleanup, called by a destructor while the task is being aborted.
        let _cleanup = OnDrop(move || {
            assert!(is_cancelled());
            let done = done.take().unwrap();
            drop(shield(async move {
                settle().await;
                assert!(!is_cancelled());
                assert_eq!(rejoin::remaining(), None);
                done.send(()).unwrap();
            }));
        });
        pending::<()>().await;
    });
    settle().await;
    group.cancel();
    group.join().await.unwrap();
    is_done.try_recv().expect("the group has waited for it");
}

#[tokio::test(start_paused = true)]
async fn inside_it_there_is_no_deadline_and_no_cancellation() {
    let (sender, seen) = oneshot::channel();
    let options = Options::new().deadline(Duration::from_secs(1));
    let outcome = group!(FUNCTION -> Result<(), Error>, options, async {
        launch!(async {
            shield(async {
                assert_eq!(rejoin::remaining(), None);
                tokio::time::sleep(Duration::from_secs(60)).await;
                let child = spawn!("child", async { is_cancelled() });
                sender.send(child.await.unwrap()).unwrap();
            })
            .await;
        });
        pending().await
    });
    assert_eq!(outcome.await, Err(Error::Deadline(Duration::from_secs(1))));
    assert!(!seen.await.unwrap());
}

#[tokio::test]
async fn a_group_inside_it_can_still_be_cancelled() {
    let (sender, cause) = oneshot::channel();
    let outer = Group::new();
    outer.launch(async {
        drop(shield(async {
            let inner = Group::new();
            inner.launch(pending::<()>());
            settle().await;
            assert!(!inner.is_cancelled(), "by the cancellation outside");
            inner.cancel();
            sender.send(inner.cancelled().await).unwrap();
            inner.join().await.unwrap();
        }));
        pending::<()>().await;
    });
    settle_a_little().await;
    outer.cancel();
    outer.join().await.unwrap();
    assert_eq!(cause.await.unwrap(), CancelCause::Requested);
}

#[tokio::test]
async fn the_scope_around_waits_for_what_it_spawned() {
    let gauge = Gauge::default();
    let alive = gauge.enter();
    group!(FUNCTION, async {
        shield(async {
            launch!("left_running", async move {
                settle().await;
                drop(alive);
            });
        })
        .await;
    })
    .await;
    assert_eq!(gauge.now(), 0);
}

#[tokio::test]
async fn a_dropped_group_leaves_it_to_the_scopes_around() {
    static OUTER: GroupId = GroupId::new("around_the_shield");
    let (go, going) = oneshot::channel::<()>();
    let gauge = Gauge::default();
    let alive = gauge.enter();
    let outer = Group::builder().name("around_the_shield").open();
    outer.launch(async move {
        let mut group = Box::pin(group!(OUTER, async move {
            drop(shield(async move {
                going.await.unwrap();
                drop(alive);
            }));
            pending::<()>().await;
        }));
        assert!(poll!(&mut group).is_pending());
        drop(group);
    });
    settle().await;
    let mut joined = Box::pin(outer.join());
    assert!(poll!(&mut joined).is_pending());
    assert_eq!(gauge.now(), 1);
    go.send(()).unwrap();
    joined.await.unwrap();
    assert_eq!(gauge.now(), 0);
}

#[tokio::test]
async fn its_panic_is_that_of_whoever_awaits_it() {
    assert_eq!(panic_of(shield(common::panics("inside"))).await, "inside");
    let outcome = group!(FUNCTION -> Result<(), Error>, async {
        launch!(async { shield(common::panics("inside a task")).await });
        pending().await
    });
    assert_eq!(outcome.await, Err(Error::Panic("inside a task".into())));
}

#[tokio::test]
async fn its_panic_is_reported_and_no_failure_of_the_group_when_nobody_awaits_it() {
    let (log, _guard) = common::log::Log::here();
    let outcome = group!(FUNCTION -> Result<u8, Error>, async {
        drop(shield(common::panics("dropped")));
        Ok(1)
    });
    assert_eq!(outcome.await, Ok(1));
    assert_eq!(log.lines(), ["panic: dropped"]);
}

#[tokio::test]
async fn a_failure_cancels_the_others_but_not_the_shielded_work() {
    let gauge = Gauge::default();
    let (alive, counted) = (gauge.enter(), gauge.clone());
    let outcome = group!(FUNCTION -> Result<(), Narrow>, async move {
        drop(shield(async move {
            settle().await;
            assert_eq!(counted.now(), 1, "not aborted");
            drop(alive);
        }));
        settle_a_little().await;
        Err(Narrow("failed"))
    });
    assert_eq!(outcome.await, Err(Narrow("failed")));
    assert_eq!(gauge.now(), 0);
}

#[tokio::test]
async fn the_local_one_takes_what_is_not_send() {
    let local = tokio::task::LocalSet::new();
    let (done, mut is_done) = oneshot::channel();
    local
        .run_until(async {
            let group = Group::new();
            group.cancel();
            let text = std::rc::Rc::new("local");
            assert_eq!(shield_local(async move { *text }).await, "local");
            let text = std::rc::Rc::new("dropped");
            group!(FUNCTION, async {
                drop(shield_local(async move {
                    settle().await;
                    done.send(*text).unwrap();
                }));
            })
            .await;
            group.join().await.unwrap();
        })
        .await;
    assert_eq!(is_done.try_recv().unwrap(), "dropped");
}
