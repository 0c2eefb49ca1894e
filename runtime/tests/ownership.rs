//! No task outlives its scope (P2): who owns a task, who waits for it, who counts the orphans.

mod common;

use std::future::pending;

use common::{Gauge, GroupId, OnDrop, group, launch, live, settle, spawn};
use futures::poll;
use rejoin::TaskGroup;
use tokio::sync::oneshot;

static FUNCTION: GroupId = GroupId::new("owner");

type Group = TaskGroup<std::io::Error>;

#[tokio::test]
async fn a_group_ends_only_after_its_tasks_have() {
    let (open, gate) = oneshot::channel::<()>();
    let mut group = Box::pin(group!(FUNCTION, async move {
        launch!(async move { gate.await.unwrap() });
        7
    }));
    assert!(poll!(&mut group).is_pending());
    settle().await;
    assert!(poll!(&mut group).is_pending());
    open.send(()).unwrap();
    assert_eq!(group.await, 7);
}

#[tokio::test]
async fn a_task_spawned_by_a_task_belongs_to_the_same_group() {
    let (open, gate) = oneshot::channel::<()>();
    let mut group = Box::pin(group!(FUNCTION, async move {
        launch!(async move {
            launch!(async move { gate.await.unwrap() });
        });
    }));
    assert!(poll!(&mut group).is_pending());
    settle().await;
    assert!(poll!(&mut group).is_pending());
    open.send(()).unwrap();
    group.await;
}

#[tokio::test]
async fn a_function_that_opens_no_group_spawns_into_the_group_of_its_caller() {
    fn helper(gauge: Gauge) {
        launch!(async move {
            let _alive = gauge.enter();
            settle().await;
        });
    }
    let gauge = Gauge::default();
    let inside = gauge.clone();
    group!(FUNCTION, async move { helper(inside) }).await;
    assert_eq!((gauge.all(), gauge.now()), (1, 0));
}

#[tokio::test]
async fn a_nested_group_does_not_wait_for_the_tasks_around_it() {
    static INNER: GroupId = GroupId::new("inner");
    let (open, gate) = oneshot::channel::<()>();
    group!(FUNCTION, async move {
        launch!(async move { gate.await.unwrap() });
        group!(INNER, async { launch!(async {}) }).await;
        open.send(()).unwrap();
    })
    .await;
}

#[tokio::test]
async fn without_a_group_a_task_belongs_to_the_root() {
    let task = spawn!("without_a_group", pending::<()>());
    assert_eq!(live("without_a_group"), ["without_a_group"]);
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    assert_eq!(live("without_a_group"), [""; 0]);
}

#[tokio::test]
async fn live_names_a_task_with_the_scopes_around_it() {
    static OUTER: GroupId = GroupId::new("named_outer");
    static INNER: GroupId = GroupId::new("named_inner");
    let (open, gate) = oneshot::channel::<()>();
    let line = line!() + 4;
    let group = group!(OUTER, async move {
        launch!("middle", async move {
            group!(INNER, async move {
                launch!("leaf", async move { gate.await.unwrap() });
            })
            .await;
        });
        settle().await;
        assert_eq!(
            live("named_outer"),
            ["named_outer/middle", "named_outer/middle/named_inner/leaf"]
        );
        let middle = &rejoin::root().live();
        let middle = middle
            .iter()
            .find(|task| task.path() == "named_outer/middle")
            .unwrap();
        assert_eq!(middle.name(), "middle");
        assert_eq!(middle.kind(), rejoin::TaskKind::Task);
        let at = middle.spawned_at();
        assert_eq!((at.file(), at.line()), (file!(), line - 2));
        open.send(()).unwrap();
    });
    group.await;
    assert_eq!(live("named_outer"), [""; 0]);
}

/// A blocking closure that nothing stops: it ends when the sender does.
fn stubborn() -> (std::sync::mpsc::Sender<()>, impl FnOnce() + Send) {
    let (stop, stopped) = std::sync::mpsc::channel::<()>();
    (stop, move || {
        let _ = stopped.recv();
    })
}

#[tokio::test]
async fn orphans_are_counted_by_every_ancestor_until_they_have_ended() {
    let (stop, work) = stubborn();
    let (started, running) = oneshot::channel();
    let outer = Group::new();
    let (orphaned, is_orphaned) = oneshot::channel();
    outer.launch(async move {
        let middle = Group::new();
        let inner = middle.spawn(async move {
            let inner = Group::new();
            let work = inner.spawn_blocking(move || {
                started.send(()).unwrap();
                work();
            });
            running.await.unwrap();
            drop(inner);
            drop(work);
            orphaned.send(()).unwrap();
        });
        inner.await.unwrap();
        middle.join().await.unwrap();
    });
    is_orphaned.await.unwrap();
    settle().await;
    assert_eq!(outer.len(), 2, "the task and its group, which waits");
    let mut joined = Box::pin(outer.join());
    assert!(poll!(&mut joined).is_pending());
    drop(stop);
    joined.await.unwrap();
}

#[tokio::test]
async fn an_orphan_that_ends_ends_every_scope_that_was_dropped_with_it() {
    let (stop, work) = stubborn();
    let (started, running) = oneshot::channel();
    let outer = Group::new();
    let (orphaned, is_orphaned) = oneshot::channel();
    outer.launch(async move {
        let mut pile = Box::pin(group!(FUNCTION, async move {
            group!(FUNCTION, async move {
                group!(FUNCTION, async move {
                    common::launch_blocking!("orphan", move || {
                        started.send(()).unwrap();
                        work();
                    });
                })
                .await;
            })
            .await;
        }));
        assert!(poll!(&mut pile).is_pending());
        running.await.unwrap();
        drop(pile);
        orphaned.send(()).unwrap();
    });
    is_orphaned.await.unwrap();
    settle().await;
    let mut joined = Box::pin(outer.join());
    assert!(poll!(&mut joined).is_pending());
    drop(stop);
    joined.await.unwrap();
}

#[tokio::test]
async fn a_scope_dropped_with_its_ancestors_is_still_in_the_root() {
    static DROPPED: GroupId = GroupId::new("dropped_whole");
    let (stop, work) = stubborn();
    let (started, running) = oneshot::channel();
    let mut group = Box::pin(group!(DROPPED, async move {
        group!(FUNCTION, async move {
            common::launch_blocking!("orphan", move || {
                started.send(()).unwrap();
                work();
            });
        })
        .await;
    }));
    assert!(poll!(&mut group).is_pending());
    running.await.unwrap();
    drop(group);
    assert_eq!(live("dropped_whole"), ["dropped_whole/owner/orphan"]);
    drop(stop);
    while !live("dropped_whole").is_empty() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_parent_waits_for_the_destructors_of_orphans() {
    let outer = Group::new();
    let (ended, has_ended) = oneshot::channel();
    let mut ended = Some(ended);
    outer.launch(async move {
        let inner = Group::new();
        inner.launch(async move {
            let _end = OnDrop(move || ended.take().unwrap().send(()).unwrap());
            pending::<()>().await;
        });
        settle().await;
        drop(inner);
    });
    outer.join().await.unwrap();
    let mut has_ended = has_ended;
    assert!(has_ended.try_recv().is_ok(), "the orphan's locals are gone");
}

#[tokio::test]
async fn a_dropped_group_cancels_its_tasks_in_that_drop() {
    let gauge = Gauge::default();
    let group = Group::builder()
        .grace(std::time::Duration::from_secs(3600))
        .open();
    for _ in 0..3 {
        let alive = gauge.enter();
        group.launch(async move {
            let _alive = alive;
            pending::<()>().await;
        });
    }
    settle().await;
    assert_eq!(gauge.now(), 3);
    drop(group);
    settle().await;
    assert_eq!(gauge.now(), 0, "no grace for what was dropped");
}

#[tokio::test]
async fn a_group_in_a_lost_branch_of_select_is_cancelled() {
    let gauge = Gauge::default();
    let alive = gauge.enter();
    let (started, running) = oneshot::channel();
    let group = group!(FUNCTION, async move {
        launch!(async move {
            let _alive = alive;
            started.send(()).unwrap();
            pending::<()>().await;
        });
    });
    tokio::select! {
        () = group => unreachable!(),
        started = running => started.unwrap(),
    }
    settle().await;
    assert_eq!(gauge.now(), 0);
}

#[tokio::test]
async fn tasks_of_a_join_set_belong_to_the_scope_when_an_attribute_spawns_them() {
    #[rejoin::task_group]
    async fn owner_of_a_set(alive: impl Send + 'static) {
        let mut set = tokio::task::JoinSet::new();
        set.spawn(async move {
            let _alive = alive;
            pending::<()>().await;
        });
        set.detach_all();
    }
    let gauge = Gauge::default();
    let mut group = Box::pin(owner_of_a_set(gauge.enter()));
    assert!(poll!(&mut group).is_pending());
    assert_eq!(live("owner_of_a_set").len(), 1);
    drop(group);
    settle().await;
    assert_eq!(gauge.now(), 0);
}
