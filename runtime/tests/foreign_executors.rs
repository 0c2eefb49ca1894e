//! Executors that are not rejoin's, driven inside a group. A future that the body polls is a part of the body. A tokio task
//! that nobody annotated is a task of its own, outside of all groups, whoever drives it.

#![allow(
    clippy::async_yields_async,
    reason = "the handles of tasks are looked at outside"
)]

mod common;

use std::future::pending;
use std::pin::pin;
use std::time::Duration;

use common::{GroupId, Options, group, live, spawn};
use futures::executor::LocalPool;
use futures::stream::{FuturesUnordered, StreamExt};
use futures::task::LocalSpawnExt;
use rejoin::{PanicError, TaskGroup, root};
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::oneshot;
use tokio::task::LocalSet;

static FUNCTION: GroupId = GroupId::new("drives");
static OTHER: GroupId = GroupId::new("drives_later");

fn single() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// Runs a test. One that waits for a task which does not end fails.
fn run(test: impl Future<Output = ()>) {
    single().block_on(async {
        let ends = tokio::time::timeout(Duration::from_secs(60), test);
        ends.await.expect("nothing waits for a task of others");
    });
}

/// A task that the root has by then: it is aborted, and its path is what it was called without a group.
#[track_caller]
fn is_of_the_root(name: &str, task: tokio::task::JoinHandle<()>) {
    assert_eq!(live(name), [name]);
    task.abort();
}

#[test]
fn what_a_raw_task_of_a_local_set_spawns_is_the_roots_though_a_group_drives_the_set() {
    run(async {
        let local = LocalSet::new();
        let (go, begins) = oneshot::channel::<()>();
        let raw = local.spawn_local(async move {
            begins.await.unwrap();
            assert!(!rejoin::is_cancelled());
            spawn!("of a raw task", pending::<()>())
        });
        let task = group!(FUNCTION, async move {
            go.send(()).unwrap();
            local.run_until(raw).await.unwrap()
        });
        is_of_the_root("of a raw task", task.await);
    });
}

#[test]
fn what_the_future_of_run_until_spawns_is_the_groups() {
    run(async {
        let outcome = group!(FUNCTION, async move {
            let local = LocalSet::new();
            local
                .run_until(async {
                    // Also while raw tasks of the set run beside it.
                    let raw = tokio::task::spawn_local(tokio::task::yield_now());
                    let own = spawn!("of run_until", pending::<()>());
                    raw.await.unwrap();
                    let later = spawn!("of run_until", pending::<()>());
                    assert_eq!(live("of run_until"), ["drives/of run_until"; 2]);
                    own.abort();
                    later.abort();
                })
                .await;
        });
        outcome.await;
    });
}

#[test]
fn what_a_tracked_task_of_a_local_set_spawns_is_its_groups() {
    run(async {
        let outcome = group!(FUNCTION, async move {
            let local = LocalSet::new();
            let tracked = local.run_until(async {
                rejoin::spawn_local(async {
                    tokio::task::yield_now().await;
                    let task = spawn!("of a tracked task", pending::<()>());
                    assert_eq!(live("of a tracked task"), ["drives/of a tracked task"]);
                    task.abort();
                })
                .await
            });
            tracked.await.unwrap();
        });
        outcome.await;
    });
}

#[test]
fn a_raw_task_that_a_group_drives_is_neither_cancelled_nor_named_with_it() {
    run(async {
        let local = LocalSet::new();
        let (go, begins) = oneshot::channel::<()>();
        let raw = local.spawn_local(async move {
            begins.await.unwrap();
            assert!(!rejoin::is_cancelled());
            assert_eq!(rejoin::deadline(), None);
            panic!("of a raw task")
        });
        let options = Options::new().deadline(Duration::from_secs(3600));
        let group = group!(FUNCTION, options, async move {
            assert!(rejoin::deadline().is_some());
            go.send(()).unwrap();
            let panicked: Result<(), _> = local.run_until(raw).await;
            let panic = PanicError::from_join_error(panicked.unwrap_err()).unwrap();
            assert_eq!(panic.message(), "of a raw task");
            assert_eq!((panic.task(), panic.spawned_at()), (None, None));
        });
        group.await;
    });
}

#[test]
fn a_group_that_a_raw_task_opens_is_not_inside_the_group_that_drives_it() {
    run(async {
        let local = LocalSet::new();
        let (inner, opened) = oneshot::channel();
        let (go, begins) = oneshot::channel::<()>();
        local.spawn_local(async move {
            begins.await.unwrap();
            let group = TaskGroup::<std::io::Error>::builder()
                .name("its own")
                .open();
            drop(group.spawn(pending::<()>()));
            inner.send(group).ok().unwrap();
        });
        let group = group!(FUNCTION, async move {
            go.send(()).unwrap();
            local.run_until(opened).await.unwrap()
        });
        // The driver's group has ended, and so it is not the one around.
        let group = group.await;
        assert_eq!(live("its own"), ["its own/task"]);
        group.cancel();
        let _ = group.join().await;
    });
}

#[test]
fn what_a_raw_task_starts_while_it_is_dropped_is_the_roots() {
    struct Rollback(Option<oneshot::Sender<tokio::task::JoinHandle<()>>>);
    impl Drop for Rollback {
        fn drop(&mut self) {
            let task = spawn!("of a destructor", pending::<()>());
            self.0.take().unwrap().send(task).unwrap();
        }
    }
    run(async {
        let (started, task) = oneshot::channel();
        let rollback = Rollback(Some(started));
        let local = LocalSet::new();
        local.spawn_local(async move {
            let _rollback = rollback;
            pending::<()>().await;
        });
        // Dropped by the body.
        let group = group!(FUNCTION, async move {
            drop(local);
        });
        group.await;
        is_of_the_root("of a destructor", task.await.unwrap());
    });
}

#[test]
fn futures_that_the_body_polls_are_a_part_of_it() {
    run(async {
        let outcome = group!(FUNCTION, async move {
            let mut all = FuturesUnordered::new();
            for _ in 0..2 {
                all.push(async {
                    tokio::task::yield_now().await;
                    spawn!("of a set of futures", pending::<()>())
                });
            }
            while let Some(task) = all.next().await {
                assert!(
                    live("of a set of futures")
                        .iter()
                        .all(|path| path == "drives/of a set of futures")
                );
                task.abort();
            }
        });
        outcome.await;
    });
}

#[test]
fn a_future_that_is_handed_on_spawns_into_the_group_that_polls_it() {
    run(async {
        let first = group!(FUNCTION, async move {
            let mut all = FuturesUnordered::new();
            all.push(async {
                tokio::task::yield_now().await;
                let task = spawn!("of a future handed on", pending::<()>());
                assert_eq!(
                    live("of a future handed on"),
                    ["drives_later/of a future handed on"]
                );
                task.abort();
            });
            assert!(futures::poll!(pin!(all.next())).is_pending());
            all
        });
        let mut all = first.await;
        let second = group!(OTHER, async move {
            all.next().await.unwrap();
        });
        second.await;
    });
}

#[test]
fn what_an_executor_without_tasks_of_tokio_polls_is_a_part_of_the_body() {
    run(async {
        let outcome = group!(FUNCTION, async move {
            let mut pool = LocalPool::new();
            let spawned = pool
                .spawner()
                .spawn_local_with_handle(async { spawn!("of a pool", pending::<()>()) });
            let task = pool.run_until(spawned.unwrap());
            assert_eq!(live("of a pool"), ["drives/of a pool"]);
            task.abort();
        });
        outcome.await;
    });
}

#[test]
fn a_nested_runtime_runs_its_future_for_the_closure_and_its_raw_tasks_for_nobody() {
    run(async {
        let outside = Handle::current();
        let group = group!(FUNCTION, async move {
            let closure = rejoin::spawn_blocking(move || {
                single().block_on(async {
                    let _entered = outside.enter();
                    let task = spawn!("of block_on", pending::<()>());
                    assert_eq!(live("of block_on"), ["drives/of block_on"]);
                    task.abort();
                });
                single().block_on(async {
                    let handle = Handle::current();
                    let raw = handle.spawn(async move {
                        let _entered = outside.enter();
                        spawn!("of a nested runtime", pending::<()>())
                    });
                    raw.await.unwrap()
                })
            });
            closure.await.unwrap()
        });
        is_of_the_root("of a nested runtime", group.await);
        assert!(root().idle(Duration::from_secs(60)).await.is_empty());
    });
}
