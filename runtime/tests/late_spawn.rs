//! What is spawned into a group that is cancelled is never polled (G11).

mod common;

use std::future::pending;

use common::log::Log;
use common::{Bomb, Error, Gauge, GroupId, Options, Site, group, launch, plain, settle, spawn};
use rejoin::{TaskGroup, cancelled, is_cancelled};

static FUNCTION: GroupId = GroupId::new("late");
static INNER: GroupId = GroupId::new("inner");

type Group = TaskGroup<std::io::Error>;

/// A future that must not be polled.
fn never<A: Send>(alive: A) -> impl Future<Output = ()> + Send {
    std::future::poll_fn(move |_| {
        let _ = &alive;
        unreachable!("polled in a cancelled group")
    })
}

#[tokio::test]
async fn a_held_spawn_is_dropped_unpolled_and_its_handle_says_cancelled() {
    let gauge = Gauge::default();
    let group = Group::new();
    group.cancel();
    let task = group.spawn(never(gauge.enter()));
    assert_eq!(gauge.now(), 0, "at once");
    let error = task.await.unwrap_err();
    assert!(error.is_cancelled() && !error.is_panic());
    group.join().await.unwrap();
}

#[tokio::test]
async fn a_discarded_spawn_is_dropped_unpolled() {
    let gauge = Gauge::default();
    let group = Group::new();
    group.cancel();
    group.launch(never(gauge.enter()));
    assert_eq!(gauge.now(), 0);
    assert!(group.is_empty());
    group.join().await.unwrap();
}

#[tokio::test]
async fn a_blocking_spawn_is_not_run() {
    let group = Group::new();
    group.cancel();
    let task = group.spawn_blocking(|| unreachable!());
    assert!(task.await.map(|(): ()| ()).unwrap_err().is_cancelled());
    group.join().await.unwrap();
}

#[tokio::test]
async fn a_local_spawn_is_not_run() {
    let local = tokio::task::LocalSet::new();
    let group = group!(
        FUNCTION,
        Options::new().grace(std::time::Duration::from_secs(60)),
        async {
            let token = tokio_util::sync::CancellationToken::new();
            token.cancel();
            group!(INNER, Options::new().token(token), async {
                assert_eq!(cancelled().await, rejoin::CancelCause::Token);
                let alive = std::rc::Rc::new(());
                let task = rejoin::spawn_local(async move { unreachable!("{alive:?}") });
                assert!(task.await.map(|(): ()| ()).unwrap_err().is_cancelled());
            })
            .await;
        }
    );
    local.run_until(group).await;
}

#[tokio::test]
async fn a_thread_runs_all_the_same() {
    const SITE: &Site = &Site::new("thread");
    let group = tokio::spawn(group!(FUNCTION, async {
        let token = tokio_util::sync::CancellationToken::new();
        token.cancel();
        group!(INNER, Options::new().token(token), async {
            cancelled().await;
            let thread = rejoin::__private::spawn_thread(SITE, is_cancelled);
            let ran = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
            let runs = ran.clone();
            rejoin::__private::launch_thread(SITE, plain(), move || {
                runs.store(true, std::sync::atomic::Ordering::SeqCst);
            });
            assert!(thread.join().unwrap());
            ran
        })
        .await
    }));
    let ran = group.await.unwrap();
    assert!(
        ran.load(std::sync::atomic::Ordering::SeqCst),
        "and is joined"
    );
}

#[tokio::test]
async fn a_task_that_spawns_after_its_group_was_cancelled_finds_its_task_cancelled() {
    let gauge = Gauge::default();
    let group = Group::builder()
        .grace(std::time::Duration::from_secs(3600))
        .open();
    let alive = gauge.enter();
    let task = group.spawn(async move {
        cancelled().await;
        launch!(never(()));
        spawn!("late", never(alive))
            .await
            .unwrap_err()
            .is_cancelled()
    });
    settle().await;
    group.cancel();
    assert!(task.await.unwrap());
    assert_eq!(gauge.now(), 0);
    group.join().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_task_spawned_while_the_group_is_being_cancelled_is_cancelled_too() {
    // Whoever comes first: no task is left running in an aborted group.
    for _ in 0..100 {
        let group = std::sync::Arc::new(Group::new());
        let gauge = Gauge::default();
        let spawner = std::thread::spawn({
            let (group, gauge) = (group.clone(), gauge.clone());
            let runtime = tokio::runtime::Handle::current();
            move || {
                let _entered = runtime.enter();
                for _ in 0..50 {
                    let alive = gauge.enter();
                    group.launch(async move {
                        let _alive = alive;
                        pending::<()>().await;
                    });
                }
            }
        });
        while gauge.all() < 10 {
            std::hint::spin_loop();
        }
        group.cancel();
        tokio::task::block_in_place(|| spawner.join().unwrap());
        let group = std::sync::Arc::into_inner(group).unwrap();
        group.join().await.unwrap();
        assert_eq!((gauge.all(), gauge.now()), (50, 0));
    }
}

#[tokio::test]
async fn what_was_spawned_before_and_has_not_run_is_not_polled_either() {
    let group = Group::new();
    let task = group.spawn(never(()));
    group.cancel();
    assert!(task.await.unwrap_err().is_cancelled());
    group.join().await.unwrap();
}

#[tokio::test]
async fn a_destructor_that_panics_when_the_future_is_thrown_away_is_reported_and_contained() {
    let (log, _guard) = Log::here();
    let outcome = group!(FUNCTION -> Result<u8, Error>, async {
        let group = TaskGroup::<Error>::new();
        group.cancel();
        let bomb = Bomb("boom");
        group.launch(async move { drop(bomb) });
        group.join().await?;
        Ok(1)
    });
    assert_eq!(outcome.await, Ok(1));
    let panics = log.lines().split_off(1);
    assert_eq!(
        panics,
        ["panic: boom"],
        "after the word that it is not started"
    );
}

#[tokio::test]
async fn a_task_that_is_not_started_is_told_once_for_its_place() {
    let (log, _guard) = Log::here();
    let group = Group::builder().name("rolled_back").open();
    group.cancel();
    for _ in 0..3 {
        drop(group.spawn(never(())));
    }
    group.launch(never(()));
    let told = log.all();
    assert_eq!(told.len(), 2, "one for each of the two places: {told:?}");
    for report in &told {
        assert_eq!(report["kind"], "refused");
        assert!(
            report["message"].contains("`rolled_back` is cancelled"),
            "{report:?}"
        );
        assert!(report["message"].contains("`rejoin::shield`"), "{report:?}");
        assert!(
            report["spawned_at"].starts_with("runtime/tests/late_spawn.rs:"),
            "{report:?}"
        );
    }
    group.join().await.unwrap();
}
