//! Joining: what it waits for, and what ends it early.

use std::pin::pin;
use std::time::Duration;

use futures::FutureExt as _;
use rejoin::{CancelCause, DeadlineExceeded, task_group};
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep};

use super::super::support::{BoxError, Gauge, settle};
use super::{DAY, Scope, hold};

#[task_group]
async fn without_tasks() -> u32 {
    7
}

#[tokio::test]
async fn a_join_without_tasks_ends_at_once() {
    assert_eq!(without_tasks().now_or_never(), Some(7));
    assert!(Scope::new().join().now_or_never().unwrap().is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_join_waits_for_what_still_runs() {
    let scope = Scope::new();
    let task = scope.spawn(async {
        sleep(Duration::from_millis(100)).await;
        "foo"
    });
    let mut joined = pin!(scope.join());
    assert!(joined.as_mut().now_or_never().is_none());
    joined.await.unwrap();
    assert_eq!(task.now_or_never().expect("it has ended").unwrap(), "foo");
}

#[tokio::test]
async fn a_join_that_is_interrupted_can_go_on() {
    let scope = Scope::new();
    let (open, latch) = oneshot::channel();
    let task = scope.spawn(async {
        latch.await.unwrap();
        "foo"
    });
    let mut joined = pin!(scope.join());
    tokio::select! {
        biased;
        _ = &mut joined => unreachable!("left a task behind"),
        () = settle() => {}
    }
    open.send(()).unwrap();
    joined.await.unwrap();
    assert_eq!(task.await.unwrap(), "foo");
}

#[tokio::test]
async fn a_join_that_is_given_up_stops_the_tasks() {
    let scope = Scope::new();
    let gauge = Gauge::default();
    let task = scope.spawn(hold(gauge.enter()));
    settle().await;
    assert!(scope.join().now_or_never().is_none());
    assert!(task.await.unwrap_err().is_cancelled());
    assert_eq!(gauge.now(), 0);
}

#[task_group]
async fn waits_for_ever(gauge: Gauge) {
    tokio::spawn(hold(gauge.enter()));
}

#[tokio::test]
async fn a_waiter_that_is_interrupted_stops_the_tasks_it_waits_for() {
    let gauge = Gauge::default();
    let waiter = tokio::spawn(waits_for_ever(gauge.clone()));
    settle().await;
    assert_eq!(gauge.now(), 1);
    waiter.abort();
    assert!(waiter.await.unwrap_err().is_cancelled());
    settle().await;
    assert_eq!(gauge.now(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_scope_is_joined_by_whoever_owns_it() {
    let gauge = Gauge::default();
    let (end, ended) = oneshot::channel::<()>();
    let scope = Scope::new();
    let place = gauge.enter();
    scope.launch(async move {
        let _ = ended.await;
        drop(place);
    });
    let runtime = Handle::current();
    let other = std::thread::spawn(move || runtime.block_on(scope.join()));
    drop(end);
    tokio::task::spawn_blocking(move || other.join().unwrap().unwrap())
        .await
        .unwrap();
    assert_eq!(gauge.now(), 0);
}

#[task_group(deadline = DAY)]
async fn in_time() -> Result<(&'static str, bool), BoxError> {
    let task = tokio::spawn(async {
        sleep(Duration::from_secs(1)).await;
        "foo"
    });
    Ok((task.await?, rejoin::is_cancelled()))
}

#[tokio::test(start_paused = true)]
async fn tasks_that_end_before_the_deadline_are_not_disturbed() {
    let start = Instant::now();
    assert_eq!(in_time().await.unwrap(), ("foo", false));
    assert_eq!(start.elapsed().as_secs(), 1);
}

#[task_group(deadline = after)]
async fn too_late(after: Duration, gauge: Gauge) -> Result<(), BoxError> {
    let place = gauge.enter();
    tokio::spawn(async move {
        sleep(DAY).await;
        drop(place);
    });
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn at_the_deadline_the_tasks_are_stopped_and_the_join_says_so() {
    let (start, gauge) = (Instant::now(), Gauge::default());
    let after = Duration::from_secs(2);
    let error = too_late(after, gauge.clone()).await.unwrap_err();
    let exceeded = error.downcast::<DeadlineExceeded>().unwrap();
    assert_eq!(exceeded.after(), after);
    assert_eq!(start.elapsed(), after);
    assert_eq!((gauge.all(), gauge.now()), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_deadline_that_is_over_at_the_start_stops_everything() {
    let (start, gauge) = (Instant::now(), Gauge::default());
    let error = too_late(Duration::ZERO, gauge.clone()).await.unwrap_err();
    assert!(error.is::<DeadlineExceeded>(), "{error}");
    // Paused time goes by in steps of a millisecond.
    assert!(start.elapsed() <= Duration::from_millis(1));
    assert_eq!(gauge.now(), 0);
}

#[task_group(deadline = "2s", grace = "1s")]
async fn tells_its_tasks(told: mpsc::UnboundedSender<CancelCause>) -> Result<(), BoxError> {
    tokio::spawn(async move {
        told.send(rejoin::cancelled().await).unwrap();
    });
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn the_deadline_reaches_tasks_that_run() {
    let (tell, mut told) = mpsc::unbounded_channel();
    let error = tells_its_tasks(tell).await.unwrap_err();
    assert!(error.is::<DeadlineExceeded>(), "{error}");
    assert_eq!(told.recv().await, Some(CancelCause::Deadline));
}

#[tokio::test]
async fn a_cancel_reaches_tasks_that_run() {
    let scope = Scope::new();
    let gauge = Gauge::default();
    let long = scope.spawn(hold(gauge.enter()));
    let short = scope.spawn(async { "bar" });
    assert_eq!(short.await.unwrap(), "bar");
    assert_eq!(gauge.now(), 1);
    scope.cancel();
    scope.join().await.unwrap();
    assert_eq!(gauge.now(), 0);
    assert!(long.await.unwrap_err().is_cancelled());
}
