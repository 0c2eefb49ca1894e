//! At most so many tasks of the body run at once (G8).

mod common;

use std::future::pending;
use std::task::Poll;

use common::{Error, Gauge, GroupId, Options, group, launch, settle, spawn};
use futures::{FutureExt as _, poll};
use rejoin::__private::place;
use rejoin::TaskGroup;
use tokio::sync::{Semaphore, oneshot};

static FUNCTION: GroupId = GroupId::new("limited");

type Group = TaskGroup<std::io::Error>;

/// What a statement `spawn(…);` of the body becomes.
macro_rules! launch_in_place {
    ($future:expr) => {{
        place().await;
        launch!($future)
    }};
}

async fn busy(gauge: Gauge) {
    let _busy = gauge.enter();
    settle().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn never_more_run_than_the_limit_allows() {
    let gauge = Gauge::default();
    let counted = gauge.clone();
    let body = async move {
        for _ in 0..300 {
            launch_in_place!(busy(counted.clone()));
        }
    };
    tokio::spawn(group!(FUNCTION, Options::new().limit(4), body))
        .await
        .unwrap();
    assert_eq!((gauge.all(), gauge.now()), (300, 0));
    assert!((2..=4).contains(&gauge.most()), "{}", gauge.most());
}

#[tokio::test]
async fn the_body_waits_for_a_free_place_before_it_makes_the_next_task() {
    let gauge = Gauge::default();
    let (made, running) = (gauge.clone(), std::sync::Arc::new(Semaphore::new(0)));
    let go = running.clone();
    let mut group = Box::pin(group!(FUNCTION, Options::new().limit(2), async move {
        for _ in 0..10 {
            place().await;
            let alive = made.enter(); // the argument of the spawn: not evaluated before there is a place
            let running = running.clone();
            launch!(async move {
                running.acquire().await.unwrap().forget();
                drop(alive);
            });
        }
    }));
    for ended in 0..10 {
        assert!(poll!(&mut group).is_pending());
        settle().await;
        assert!(poll!(&mut group).is_pending());
        assert_eq!(gauge.all(), (ended + 2).min(10));
        assert!(gauge.now() <= 2);
        go.add_permits(1);
        settle().await;
    }
    group.await;
}

#[tokio::test]
async fn what_is_spawned_without_awaiting_a_place_waits_before_its_first_poll() {
    let gauge = Gauge::default();
    let counted = gauge.clone();
    group!(FUNCTION, Options::new().limit(3), async move {
        // A synchronous closure: nothing can be awaited here.
        (0..20).for_each(|_| launch!(busy(counted.clone())));
    })
    .await;
    assert_eq!((gauge.all(), gauge.most(), gauge.now()), (20, 3, 0));
}

#[tokio::test]
async fn several_spawns_in_one_statement_still_keep_to_the_limit() {
    let gauge = Gauge::default();
    let counted = gauge.clone();
    group!(FUNCTION, Options::new().limit(2), async move {
        for _ in 0..10 {
            place().await;
            let (first, second) = (
                spawn!("first", busy(counted.clone())),
                spawn!("second", busy(counted.clone())),
            );
            first.await.unwrap();
            second.await.unwrap();
        }
    })
    .await;
    assert_eq!((gauge.all(), gauge.most()), (20, 2));
}

#[tokio::test]
async fn a_place_that_a_statement_did_not_use_is_given_back() {
    group!(FUNCTION, Options::new().limit(1), async {
        let (end, ended) = oneshot::channel::<()>();
        let (ran, has_run) = oneshot::channel::<()>();
        launch_in_place!(async { ended.await.unwrap() });
        // The first branch has the next place, and spawns nothing; the task of the second one is behind it in the queue.
        let idle = async {
            place().await; // `if false { spawn(…) }`
            has_run.await.unwrap();
        };
        let spawning = async {
            launch!(async { ran.send(()).unwrap() });
            settle().await;
            end.send(()).unwrap();
        };
        tokio::join!(idle, spawning);
    })
    .await;
}

#[tokio::test]
async fn a_place_is_given_back_by_a_task_that_panics_or_is_aborted() {
    group!(FUNCTION, Options::new().limit(1), async {
        for _ in 0..3 {
            place().await;
            let task = spawn!("panics", async { panic!("held") });
            assert!(task.await.map(|(): ()| ()).unwrap_err().is_panic());
            place().await;
            let task = spawn!("aborted", pending::<()>());
            settle().await;
            task.abort();
            assert!(task.await.unwrap_err().is_cancelled());
        }
    })
    .await;
}

#[tokio::test]
async fn a_task_that_is_aborted_while_it_waits_for_its_place_takes_none() {
    group!(FUNCTION, Options::new().limit(1), async {
        let (stop, stopped) = oneshot::channel::<()>();
        place().await;
        let first = spawn!("first", stopped);
        let waiting = spawn!("waiting", async { unreachable!() });
        settle().await;
        waiting.abort();
        assert!(waiting.await.map(|(): ()| ()).unwrap_err().is_cancelled());
        stop.send(()).unwrap();
        first.await.unwrap().unwrap();
        place().await;
        spawn!("next", async {}).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn tasks_of_tasks_take_no_place_so_a_limit_cannot_deadlock_there() {
    let outcome = group!(FUNCTION -> Result<u32, Error>, Options::new().limit(1), async {
        place().await;
        let outer = spawn!("outer", async {
            let inner: Vec<_> = (0..4).map(|n| spawn!("inner", async move { n })).collect();
            let mut sum = 0;
            for task in inner {
                sum += task.await.unwrap();
            }
            let blocking = rejoin::spawn_blocking(|| 10);
            sum + blocking.await.unwrap()
        });
        Ok(outer.await.unwrap())
    });
    assert_eq!(outcome.await, Ok(16));
}

#[tokio::test]
async fn a_nested_group_has_a_limit_of_its_own() {
    static INNER: GroupId = GroupId::new("inner");
    let gauge = Gauge::default();
    let counted = gauge.clone();
    group!(FUNCTION, Options::new().limit(1), async move {
        launch_in_place!(async {});
        group!(INNER, Options::new().limit(3), async move {
            for _ in 0..9 {
                launch_in_place!(busy(counted.clone()));
            }
        })
        .await;
    })
    .await;
    assert_eq!((gauge.all(), gauge.most()), (9, 3));
}

#[tokio::test]
async fn without_a_limit_nothing_is_awaited() {
    group!(FUNCTION, async {
        for _ in 0..100 {
            assert!(place().now_or_never().is_some());
            launch!(pending::<()>());
        }
        assert!(place().now_or_never().is_some());
    })
    .now_or_never();
    assert!(place().now_or_never().is_some(), "nor outside any group");
}

#[tokio::test]
async fn a_body_that_waits_for_a_place_is_dropped_when_the_group_fails() {
    let gauge = Gauge::default();
    let body = gauge.enter();
    let outcome = group!(FUNCTION -> Result<(), Error>, Options::new().limit(1), async move {
        let _body = body;
        launch_in_place!(async {
            settle().await;
            panic!("fails")
        });
        launch_in_place!(unreachable_task());
        Ok(())
    });
    assert_eq!(outcome.await, Err(Error::Panic("fails".into())));
    assert_eq!(gauge.now(), 0);
}

fn unreachable_task() -> impl Future<Output = ()> + Send {
    std::future::poll_fn(|_| unreachable!("its place is never free"))
}

#[tokio::test]
async fn blocking_tasks_keep_to_the_limit() {
    let gauge = Gauge::default();
    let group = Group::builder().limit(2).open();
    let tasks: Vec<_> = (0..20)
        .map(|_| {
            let gauge = gauge.clone();
            group.spawn_blocking(move || {
                let _busy = gauge.enter();
                std::thread::yield_now();
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    group.join().await.unwrap();
    assert_eq!(gauge.all(), 20);
    assert!(gauge.most() <= 2, "{}", gauge.most());
}

#[tokio::test]
async fn try_spawn_hands_the_future_back_when_the_group_is_full() {
    let group = Group::builder().limit(2).open();
    let (stop, stopped) = oneshot::channel::<()>();
    let first = group.try_spawn(stopped).ok().unwrap();
    let second = group.try_spawn(pending::<()>()).ok().unwrap();
    let refused = group.try_spawn(async { 7 }).expect_err("the group is full");
    stop.send(()).unwrap();
    first.await.unwrap().unwrap();
    let again = group.try_spawn(refused).ok().expect("a free place");
    assert_eq!(again.await.unwrap(), 7);
    second.abort();
    group.join().await.unwrap();
}

#[tokio::test]
async fn try_spawn_hands_the_future_back_when_the_group_is_cancelled() {
    let group = Group::new();
    group.cancel();
    assert!(group.try_spawn(async {}).is_err());
    group.join().await.unwrap();
}

#[tokio::test]
async fn a_future_handed_back_can_be_run_in_place() {
    let group = Group::builder().limit(1).open();
    let task = group.try_spawn(pending::<()>()).ok().unwrap();
    let Err(refused) = group.try_spawn(async { 7 }) else {
        panic!("the group is full")
    };
    assert_eq!(refused.await, 7);
    task.abort();
    group.join().await.unwrap();
}

#[test]
fn try_spawn_from_several_threads_never_promises_a_place_twice() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .build()
        .unwrap();
    for _ in 0..2000 {
        let _entered = runtime.enter();
        let group = Group::builder().limit(1).open();
        let barrier = std::sync::Barrier::new(2);
        let promised: usize = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..2)
                .map(|_| {
                    scope.spawn(|| {
                        let _entered = runtime.enter();
                        barrier.wait();
                        usize::from(group.try_spawn(pending::<()>()).is_ok())
                    })
                })
                .collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .sum()
        });
        assert_eq!(promised, 1);
        drop(group);
    }
}

#[test]
#[should_panic(expected = "the limit of a task group is zero: no task could ever run")]
fn a_limit_of_zero_panics_clearly() {
    let _ = Group::builder().limit(0);
}

#[tokio::test]
async fn a_limit_beyond_what_a_semaphore_holds_is_none() {
    let group = Group::builder().limit(usize::MAX).open();
    let task = group.try_spawn(async { 1 }).ok().unwrap();
    assert!(matches!(poll!(Box::pin(task)), Poll::Pending));
    group.join().await.unwrap();
}
