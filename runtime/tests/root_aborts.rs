//! `root().join` when the grace is over: everything is aborted, what cannot be is handed over. Alone in its process.

mod common;

use std::future::pending;
use std::time::{Duration, Instant};

use common::{Gauge, GroupId, OnDrop, group, launch, settle, spawn};
use rejoin::{CancelCause, TaskGroup, TaskKind, cancelled, is_cancelled, root, shield};
use tokio::sync::{mpsc, oneshot};

static FUNCTION: GroupId = GroupId::new("group");

#[test]
fn after_the_grace_the_root_aborts_everything_and_returns_the_survivors() {
    let undriven = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    // Time is paused: the grace is real all the same.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    let (release, released) = std::sync::mpsc::channel::<()>();
    runtime.block_on(async {
        let gauge = Gauge::default();
        let (causes, mut seen) = mpsc::unbounded_channel();
        tasks_of_each_kind(&gauge, &causes);
        let (started, running) = oneshot::channel();
        let blocking = spawn_stubborn(started, released);
        {
            let _entered = undriven.enter();
            launch!("nobody_drives", async { unreachable!() });
        }
        running.await.unwrap();
        settle().await;

        let start = Instant::now();
        let left = root().join(Duration::from_millis(50)).await;
        let took = start.elapsed();
        assert!(took >= Duration::from_millis(1050), "{took:?}");
        let mut names: Vec<_> = left.iter().map(|task| (task.name(), task.kind())).collect();
        names.sort_by_key(|(name, _)| *name);
        assert_eq!(
            names,
            [
                ("nobody_drives", TaskKind::Task),
                ("stubborn", TaskKind::Blocking)
            ]
        );
        assert_eq!(gauge.now(), 0, "all others have been dropped");

        drop(causes);
        let mut count = 0;
        while let Some(cause) = seen.recv().await {
            assert_eq!(cause, CancelCause::Shutdown);
            count += 1;
        }
        assert_eq!(count, 1, "the grouped one within its grace");
        what_comes_later().await;

        drop(release);
        blocking.await.unwrap();
        std::thread::spawn(move || drop(undriven)).join().unwrap();
        assert!(root().join(Duration::ZERO).await.is_empty());
    });
}

fn spawn_stubborn(
    started: oneshot::Sender<()>,
    released: std::sync::mpsc::Receiver<()>,
) -> tokio::task::JoinHandle<()> {
    rejoin::__private::spawn_blocking(const { &common::Site::new("stubborn") }, move || {
        started.send(()).unwrap();
        let _ = released.recv();
    })
}

/// A task of the root, one in a group, one in a shield, one that was let go, one in the group's grace.
fn tasks_of_each_kind(gauge: &Gauge, causes: &mpsc::UnboundedSender<CancelCause>) {
    let endless = || {
        let alive = gauge.enter();
        async move {
            let _alive = alive;
            pending::<()>().await;
        }
    };
    launch!("plain", endless());
    let (grouped, let_go, inside) = (endless(), endless(), endless());
    let causes = causes.clone();
    let alive = gauge.enter();
    launch!("with_group", async move {
        let options = common::Options::new().grace(Duration::from_secs(3600));
        let _group = group!(FUNCTION, options, async move {
            let _alive = alive;
            launch!("grouped", grouped);
            let task = spawn!("let_go", let_go);
            settle().await;
            rejoin::detach(task, "for the test");
            // Dropped in a scope that says why.
            let _cause = OnDrop(move || {
                let scope = std::pin::pin!(cancelled());
                let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
                if let std::task::Poll::Ready(cause) = scope.poll(&mut cx) {
                    causes.send(cause).unwrap();
                }
            });
            pending::<()>().await;
        })
        .await;
    });
    drop(shield(inside));
}

async fn what_comes_later() {
    assert!(is_cancelled());
    assert_eq!(cancelled().await, CancelCause::Shutdown);
    let task = root().spawn(async { unreachable!() });
    assert!(task.await.map(|(): ()| ()).unwrap_err().is_cancelled());
    let group = TaskGroup::<std::io::Error>::new();
    assert!(group.is_cancelled());
    group.join().await.unwrap();
    let outcome = group!(FUNCTION -> Result<(), common::Error>, async { unreachable!() }).await;
    assert_eq!(
        outcome,
        Err(common::Error::Cancelled(CancelCause::Shutdown))
    );
}
