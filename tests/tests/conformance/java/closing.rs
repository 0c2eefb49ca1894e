//! Closing, which here is the drop of a group that was not joined.

use std::sync::mpsc;

use rejoin::task_group;
use tokio::sync::oneshot;

use super::super::support::{BoxError, Gauge, settle};
use super::{Scope, hold};

fn is_open(name: &str) -> bool {
    let tree = rejoin::tree();
    tree.scopes().iter().any(|scope| scope.name() == name)
}

#[tokio::test]
async fn a_scope_without_tasks_may_be_dropped_unjoined() {
    let scope = Scope::builder().name("java_unused").open();
    assert!(is_open("java_unused"));
    drop(scope);
    assert!(!is_open("java_unused"));
}

#[tokio::test]
async fn a_scope_dropped_unjoined_stops_its_tasks() {
    let gauge = Gauge::default();
    let scope = Scope::new();
    let task = scope.spawn(hold(gauge.enter()));
    scope.launch(hold(gauge.enter()));
    settle().await;
    drop(scope);
    assert!(task.await.unwrap_err().is_cancelled());
    settle().await;
    assert_eq!((gauge.all(), gauge.now()), (2, 0));
}

#[tokio::test]
async fn another_thread_may_close_a_scope() {
    let gauge = Gauge::default();
    let scope = Scope::new();
    let task = scope.spawn(hold(gauge.enter()));
    settle().await;
    std::thread::spawn(move || drop(scope)).join().unwrap();
    assert!(task.await.unwrap_err().is_cancelled());
    assert_eq!(gauge.now(), 0);
}

#[tokio::test]
async fn a_task_that_is_deaf_learns_that_its_scope_was_closed() {
    let (started, running) = oneshot::channel();
    let (close, closed) = mpsc::channel();
    let scope = Scope::new();
    let task = scope.spawn_blocking(move || {
        let before = rejoin::is_cancelled();
        started.send(()).unwrap();
        closed.recv().unwrap();
        (before, rejoin::is_cancelled())
    });
    running.await.unwrap();
    drop(scope);
    close.send(()).unwrap();
    assert_eq!(task.await.unwrap(), (false, true));
}

#[task_group]
async fn has_a_straggler(
    started: oneshot::Sender<()>,
    let_go: mpsc::Receiver<()>,
    gauge: Gauge,
) -> Result<(), BoxError> {
    let place = gauge.enter();
    let (begin, begun) = oneshot::channel();
    tokio::task::spawn_blocking(move || {
        let _place = place;
        begin.send(()).unwrap();
        let _ = let_go.recv();
    });
    begun.await?;
    started.send(()).unwrap();
    tokio::spawn(async { Err::<(), BoxError>("bar".into()) });
    std::future::pending().await
}

#[tokio::test]
async fn the_wait_for_a_straggler_outlives_an_interrupt() {
    let gauge = Gauge::default();
    let (let_go, waits) = mpsc::channel();
    let (started, running) = oneshot::channel();
    let around = Scope::new();
    let owner = around.spawn(has_a_straggler(started, waits, gauge.clone()));
    running.await.unwrap();
    settle().await; // its owner waits for the straggler alone by now
    owner.abort();
    assert!(owner.await.unwrap_err().is_cancelled());

    let mut joined = Box::pin(around.join());
    tokio::select! {
        biased;
        _ = &mut joined => unreachable!("left the straggler behind"),
        () = settle() => assert_eq!(gauge.now(), 1),
    }
    drop(let_go);
    joined.await.unwrap();
    assert_eq!(gauge.now(), 0);
}

#[tokio::test]
async fn closing_a_scope_closes_those_inside_it() {
    let gauge = Gauge::default();
    let around = Scope::new();
    let (give, given) = oneshot::channel();
    let place = gauge.enter();
    around.launch(async move {
        let inside = Scope::new();
        inside.launch(hold(place));
        let _ = give.send(inside);
        std::future::pending::<()>().await;
    });
    let inside = given.await.unwrap();
    settle().await;
    assert_eq!(gauge.now(), 1);
    drop(around);
    assert!(inside.is_cancelled());
    let late = inside.spawn(async { unreachable!("it runs in a closed scope") });
    inside.join().await.unwrap();
    let late: Result<(), _> = late.await;
    assert!(late.unwrap_err().is_cancelled());
    assert_eq!(gauge.now(), 0);
}
