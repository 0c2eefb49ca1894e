//! Subtasks: when their results are there.

use futures::FutureExt as _;
use tokio::sync::oneshot;

use super::super::support::{BoxError, Gauge, settle};
use super::{Scope, hold};

#[tokio::test]
async fn a_result_is_there_when_its_task_has_ended_and_not_before() {
    let scope = Scope::new();
    let (open, latch) = oneshot::channel();
    let mut task = scope.spawn(async {
        latch.await.unwrap();
        "foo"
    });
    settle().await;
    assert!(!task.is_finished());
    assert!((&mut task).now_or_never().is_none());
    open.send(()).unwrap();
    scope.join().await.unwrap();
    assert!(task.is_finished());
    // From another thread as well.
    let read = std::thread::spawn(|| task.now_or_never().unwrap().unwrap());
    assert_eq!(read.join().unwrap(), "foo");
}

#[tokio::test]
async fn the_failure_of_a_held_task_is_in_its_handle_and_nowhere_else() {
    let scope = Scope::new();
    let (open, latch) = oneshot::channel();
    let mut failing = scope.spawn(async {
        latch.await.unwrap();
        Err::<(), BoxError>("foo".into())
    });
    let mut panicking = scope.spawn(async { std::panic::panic_any(42_u64) });
    assert!((&mut failing).now_or_never().is_none());
    assert!((&mut panicking).now_or_never().is_none());
    open.send(()).unwrap();
    scope.join().await.expect("what is held fails nobody else");
    let error = failing.now_or_never().unwrap().unwrap().unwrap_err();
    assert_eq!(error.to_string(), "foo");
    let panicked: Result<(), _> = panicking.now_or_never().unwrap();
    let payload = panicked.unwrap_err().into_panic();
    assert_eq!(payload.downcast_ref::<u64>(), Some(&42));
}

#[tokio::test]
async fn a_task_that_has_not_ended_has_no_result_and_one_that_was_stopped_never_has() {
    let scope = Scope::new();
    let gauge = Gauge::default();
    let mut task = scope.spawn(hold(gauge.enter()));
    settle().await;
    assert!((&mut task).now_or_never().is_none());
    assert!(scope.join().now_or_never().is_none()); // given up
    let error = task.await.unwrap_err();
    assert!(error.is_cancelled() && !error.is_panic());
    assert_eq!(gauge.now(), 0);
}
