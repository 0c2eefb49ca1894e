//! Every kind of runtime: one thread, several, a `LocalSet`, several runtimes, one that shuts down, one without a timer.

mod common;

use std::future::pending;
use std::rc::Rc;

use common::{Error, Gauge, GroupId, Options, group, launch, launch_in, settle, spawn};
use rejoin::TaskGroup;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;
use tokio::task::LocalSet;

static FUNCTION: GroupId = GroupId::new("on_a_runtime");

type Outcome = Result<u64, Error>;

fn single() -> Runtime {
    Builder::new_current_thread().build().unwrap()
}

fn several() -> Runtime {
    Builder::new_multi_thread()
        .worker_threads(2)
        .build()
        .unwrap()
}

/// Adds up in tasks of tasks of groups in groups.
fn sum(depth: u64, gauge: Gauge) -> std::pin::Pin<Box<dyn Future<Output = Outcome> + Send>> {
    Box::pin(group!(FUNCTION -> Outcome, async move {
        let _alive = gauge.enter();
        if depth == 0 {
            return Ok(1);
        }
        let tasks: Vec<_> = (0..3)
            .map(|_| spawn!("branch", sum(depth - 1, gauge.clone())))
            .collect();
        launch!("beside", settle());
        let mut total = 0;
        for task in tasks {
            total += task.await.unwrap()?;
        }
        Ok(total)
    }))
}

#[test]
fn groups_work_on_one_thread_and_on_several() {
    for runtime in [single(), several()] {
        let gauge = Gauge::default();
        let total = runtime.block_on(sum(5, gauge.clone()));
        assert_eq!(total, Ok(243));
        assert_eq!(gauge.now(), 0);
    }
}

#[test]
fn failures_work_on_one_thread_and_on_several() {
    for runtime in [single(), several()] {
        for _ in 0..50 {
            let gauge = Gauge::default();
            let counted = gauge.clone();
            let outcome = runtime.block_on(group!(FUNCTION -> Outcome, async move {
                for _ in 0..20 {
                    let alive = counted.enter();
                    launch!(async move {
                        let _alive = alive;
                        pending::<()>().await;
                    });
                }
                launch_in!(FUNCTION, async { Err::<(), _>("fails") });
                pending().await
            }));
            assert_eq!(outcome, Err(Error::Text("fails")));
            assert_eq!((gauge.all(), gauge.now()), (20, 0));
        }
    }
}

#[test]
fn local_tasks_belong_to_the_group_too() {
    let local = LocalSet::new();
    let gauge = Gauge::default();
    let counted = gauge.clone();
    local.block_on(&single(), async {
        let outcome = group!(FUNCTION -> Outcome, async move {
            let shared = Rc::new(std::cell::Cell::new(0));
            for _ in 0..3 {
                let (shared, alive) = (shared.clone(), counted.enter());
                let site = const { &common::Site::new("local") };
                rejoin::__private::launch_local(
                    site,
                    common::plain(),
                    async move {
                        settle().await;
                        shared.set(shared.get() + 1);
                        drop(alive);
                    },
                );
            }
            let held = rejoin::spawn_local({
                let shared = shared.clone();
                async move {
                    while shared.get() < 3 {
                        tokio::task::yield_now().await;
                    }
                    shared.get()
                }
            });
            Ok(held.await.unwrap())
        });
        assert_eq!(outcome.await, Ok(3));
    });
    assert_eq!((gauge.all(), gauge.now()), (3, 0));
}

#[test]
fn a_failure_cancels_local_tasks() {
    let local = LocalSet::new();
    let gauge = Gauge::default();
    let alive = gauge.enter();
    local.block_on(&single(), async {
        let outcome = group!(FUNCTION -> Outcome, async move {
            drop(Box::new(rejoin::spawn_local(async move {
                let _alive = (alive, Rc::new(()));
                pending::<()>().await;
            })));
            settle().await;
            launch!(common::panics("remote"));
            pending().await
        });
        assert_eq!(outcome.await, Err(Error::Panic("remote".into())));
    });
    assert_eq!(gauge.now(), 0);
}

#[test]
fn a_local_set_that_is_dropped_gives_its_tasks_back() {
    let runtime = single();
    let group = {
        let _entered = runtime.enter();
        TaskGroup::<std::io::Error>::new()
    };
    let local = LocalSet::new();
    let (sender, receiver) = oneshot::channel();
    group_in(&runtime, &local, group, sender);
    drop(local);
    let group = runtime.block_on(receiver).unwrap();
    assert!(group.is_empty());
    runtime.block_on(group.join()).unwrap();
}

/// Spawns a local task into the group, and gives the group back.
fn group_in(
    runtime: &Runtime,
    local: &LocalSet,
    group: TaskGroup<std::io::Error>,
    back: oneshot::Sender<TaskGroup<std::io::Error>>,
) {
    local.block_on(runtime, async {
        let (ready, is_ready) = oneshot::channel::<()>();
        // The ambient scope of the blocking closure is the group's, and so is what it spawns.
        let _held = group.spawn(async move {
            ready.send(()).unwrap();
        });
        is_ready.await.unwrap();
        back.send(group).unwrap();
    });
}

#[test]
fn several_runtimes_share_one_tree() {
    let (here, there) = (single(), several());
    let gauge = Gauge::default();
    let (alive, elsewhere) = (gauge.enter(), there.handle().clone());
    let outcome = here.block_on(group!(FUNCTION -> Outcome, async move {
        {
            let _entered = elsewhere.enter();
            launch!("elsewhere", async move {
                settle().await;
                drop(alive);
            });
        }
        let held = {
            let _entered = elsewhere.enter();
            spawn!("held_elsewhere", async { 7 })
        };
        Ok(held.await.unwrap())
    }));
    assert_eq!(outcome, Ok(7));
    assert_eq!(gauge.now(), 0, "joined, wherever it ran");
}

#[test]
fn a_failure_on_one_runtime_cancels_tasks_on_another() {
    let (here, there) = (several(), several());
    for _ in 0..50 {
        let gauge = Gauge::default();
        let (alive, elsewhere) = (gauge.enter(), there.handle().clone());
        let outcome = here.block_on(group!(FUNCTION -> Outcome, async move {
            let entered = elsewhere.enter();
            launch!("elsewhere", async move {
                let _alive = alive;
                pending::<()>().await;
            });
            drop(entered);
            launch_in!(FUNCTION, async { Err::<(), _>("here") });
            pending().await
        }));
        assert_eq!(outcome, Err(Error::Text("here")));
        assert_eq!(gauge.now(), 0);
    }
}

#[test]
fn a_runtime_that_shuts_down_under_a_group_gives_its_tasks_back() {
    let (here, there) = (single(), several());
    let gauge = Gauge::default();
    let (alive, elsewhere) = (gauge.enter(), there.handle().clone());
    let (started, running) = oneshot::channel();
    let stop = std::thread::spawn(move || {
        single().block_on(running).unwrap();
        drop(there);
    });
    let error = here.block_on(group!(FUNCTION, async move {
        let held = {
            let _entered = elsewhere.enter();
            launch!("discarded", async move {
                let _alive = alive;
                pending::<()>().await;
            });
            spawn!("held", async move {
                started.send(()).unwrap();
                pending::<()>().await;
            })
        };
        held.await.unwrap_err()
    }));
    assert!(error.is_cancelled());
    assert_eq!(gauge.now(), 0);
    stop.join().unwrap();
}

#[test]
fn a_runtime_that_shuts_down_with_the_groups_frame_leaves_nothing() {
    let gauge = Gauge::default();
    let (body, task, blocking) = (gauge.enter(), gauge.enter(), gauge.enter());
    let runtime = several();
    let (started, running) = oneshot::channel();
    let (release, released) = std::sync::mpsc::channel::<()>();
    runtime.spawn(group!(FUNCTION, async move {
        let _body = body;
        launch!("shut_down_with_frame", async move {
            let _task = task;
            pending::<()>().await;
        });
        common::launch_blocking!("shut_down_with_frame", move || {
            started.send(()).unwrap();
            let _ = released.recv();
            drop(blocking);
        });
        pending::<()>().await;
    }));
    single().block_on(running).unwrap();
    runtime.shutdown_background();
    // The workers drop their tasks when they get to it; the blocking one is out of their reach.
    while gauge.now() > 1 {
        std::thread::yield_now();
    }
    while common::live("shut_down_with_frame").len() > 1 {
        std::thread::yield_now();
    }
    assert_eq!(common::live("shut_down_with_frame").len(), 1);
    drop(release);
    while !common::live("shut_down_with_frame").is_empty() || gauge.now() > 0 {
        std::thread::yield_now();
    }
}

#[test]
fn a_destructor_that_spawns_while_its_runtime_shuts_down_gets_a_cancelled_task() {
    let runtime = single();
    let (sender, receiver) = std::sync::mpsc::channel();
    runtime.block_on(async {
        launch!("spawns_late", async move {
            let _late = common::OnDrop(move || {
                let task = spawn!("spawned_late", async { unreachable!() });
                sender.send(task).unwrap();
            });
            pending::<()>().await;
        });
        settle().await;
    });
    drop(runtime);
    let task = receiver.recv().unwrap();
    let error = single().block_on(task).map(|(): ()| ()).unwrap_err();
    assert!(error.is_cancelled());
    assert_eq!(common::live("spawn"), [""; 0]);
}

#[test]
fn a_destructor_that_panics_while_its_runtime_shuts_down_fails_the_group() {
    let (here, there) = (single(), single());
    let elsewhere = there.handle().clone();
    let (armed, is_armed) = std::sync::mpsc::channel();
    let stop = std::thread::spawn(move || {
        is_armed.recv().unwrap();
        drop(there);
    });
    let outcome = here.block_on(group!(FUNCTION -> Outcome, async move {
        let entered = elsewhere.enter();
        let bomb = common::Bomb("boom");
        launch!(async move {
            let _bomb = bomb;
        });
        armed.send(()).unwrap();
        drop(entered);
        pending().await
    }));
    assert_eq!(outcome, Err(Error::Panic("boom".into())));
    stop.join().unwrap();
}

#[test]
fn groups_work_without_a_timer() {
    // Also while one thread cancels and another looks: see `ladder.rs` for the same with a timer.
    let runtime = several();
    for _ in 0..2000 {
        let outcome = runtime.block_on(async {
            let body = async {
                for _ in 0..5 {
                    launch!(pending::<()>());
                }
                launch_in!(FUNCTION, async { Err::<(), _>("fails") });
                loop {
                    tokio::task::yield_now().await;
                }
            };
            tokio::spawn(group!(FUNCTION -> Outcome, body)).await
        });
        assert_eq!(outcome.unwrap(), Err(Error::Text("fails")));
    }
}

#[test]
fn a_token_works_without_a_timer() {
    let runtime = several();
    let token = tokio_util::sync::CancellationToken::new();
    let options = Options::new().token(token.clone());
    runtime.block_on(async {
        let explicit = TaskGroup::<std::io::Error>::builder()
            .token(token.clone())
            .open();
        explicit.launch(pending::<()>());
        let group = tokio::spawn(group!(FUNCTION -> Outcome, options, async {
            launch!(pending::<()>());
            pending().await
        }));
        token.cancel();
        let cause = rejoin::CancelCause::Token;
        assert_eq!(group.await.unwrap(), Err(Error::Cancelled(cause)));
        explicit.join().await.unwrap();
    });
}
