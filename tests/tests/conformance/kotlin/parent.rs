//! What a failing child means to its parent, for each way to start one; and that a cancelled one means nothing.

use rejoin::{DeadlineExceeded, OnFailure, PanicError, task_group};
use tokio::sync::mpsc;

use super::super::support::{BoxError, Gauge, settle};
use super::{Group, alive, fails};
use crate::common::{listen, reports, wait_for_report};

/// A scope in which a child is cancelled, and which ends well all the same.
#[task_group]
async fn one_is_cancelled() -> Result<(), BoxError> {
    let child = tokio::spawn(std::future::pending::<()>());
    tokio::task::yield_now().await;
    child.abort();
    assert!(child.await.unwrap_err().is_cancelled());
    Ok(())
}

#[task_group]
async fn one_fails(text: &'static str) -> Result<(), BoxError> {
    tokio::spawn(fails(text));
    std::future::pending().await
}

/// Launches a child, and waits until it has failed its parent.
async fn fails_its_parent(child: impl Future<Output = Result<(), BoxError>> + Send + 'static) {
    let parent = Group::new();
    let gauge = Gauge::default();
    parent.launch(alive(gauge.enter()));
    parent.launch(child);
    parent.cancelled().await;
    let error = parent.join().await.unwrap_err();
    assert!(error.to_string().starts_with("parent"), "{error}");
    assert_eq!((gauge.all(), gauge.now()), (1, 0));
    // Told to the parent, and so to nobody else.
    let reports = reports(&error.to_string());
    assert!(reports.is_empty(), "{reports:?}");
}

#[tokio::test]
async fn a_launched_child_that_fails_cancels_its_parent() {
    listen();
    fails_its_parent(fails("parent of a launched child")).await;

    // One that produces into a channel is a launched one like any other.
    let (send, mut receive) = mpsc::channel(1);
    let parent = Group::new();
    parent.launch(async move {
        send.send(1).await?;
        fails("parent of a producer").await
    });
    parent.launch(std::future::pending::<()>());
    assert_eq!(receive.recv().await, Some(1));
    assert_eq!(receive.recv().await, None);
    let error = parent.join().await.unwrap_err();
    assert_eq!(error.to_string(), "parent of a producer");
}

#[tokio::test]
async fn a_group_in_a_child_that_fails_cancels_the_parent_of_the_child() {
    listen();
    fails_its_parent(one_fails("parent of a group")).await;
    let explicit = async {
        let child = Group::new();
        child.launch(fails("parent of an explicit group"));
        child.join().await
    };
    fails_its_parent(explicit).await;
}

#[task_group]
async fn holds_a_failing_child(gauge: Gauge) -> Result<&'static str, BoxError> {
    let sibling = tokio::spawn(alive(gauge.enter()));
    let child = tokio::spawn(fails("of a held child"));
    let error = child.await?.unwrap_err();
    settle().await;
    assert!(!rejoin::is_cancelled() && gauge.now() == 1);
    assert_eq!(error.to_string(), "of a held child");
    sibling.abort();
    Ok("goes on")
}

#[tokio::test]
async fn a_held_child_that_fails_does_not_cancel_its_parent() {
    let outcome = holds_a_failing_child(Gauge::default()).await;
    assert_eq!(outcome.unwrap(), "goes on");
}

#[task_group(on_failure = "isolate")]
async fn supervises_one_that_fails() {
    tokio::spawn(fails("parent of a supervisor"));
}

#[tokio::test]
async fn a_supervisor_keeps_failures_from_its_parent_and_reports_them() {
    listen();
    let parent = Group::new();
    parent.launch(supervises_one_that_fails());
    parent.spawn(supervises_one_that_fails()).await.unwrap();
    let supervisor = Group::builder().on_failure(OnFailure::Isolate).open();
    supervisor.launch(fails("parent of an explicit supervisor"));
    supervisor.join().await.unwrap();
    assert!(!parent.is_cancelled());
    parent.join().await.unwrap();
    for text in ["parent of a supervisor", "parent of an explicit supervisor"] {
        assert_eq!(wait_for_report(text).get("kind"), "error");
    }
}

#[task_group(deadline = "1s")]
async fn one_fails_in_time() -> Result<(), Late> {
    tokio::spawn(fails("in time"));
    std::future::pending().await
}

#[derive(Debug, PartialEq)]
enum Late {
    Failed(String),
    Late,
}

impl From<BoxError> for Late {
    fn from(error: BoxError) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<DeadlineExceeded> for Late {
    fn from(_: DeadlineExceeded) -> Self {
        Self::Late
    }
}

impl From<PanicError> for Late {
    fn from(panic: PanicError) -> Self {
        Self::Failed(panic.message().to_owned())
    }
}

/// Goes on after failures of scopes that it calls.
#[task_group]
async fn catches(gauge: Gauge) -> Result<&'static str, BoxError> {
    let sibling = tokio::spawn(alive(gauge.enter()));
    let error = one_fails("of an inner scope").await.unwrap_err();
    assert_eq!(error.to_string(), "of an inner scope");
    assert_eq!(
        one_fails_in_time().await,
        Err(Late::Failed("in time".to_owned()))
    );
    settle().await;
    assert!(!rejoin::is_cancelled() && gauge.now() == 1);
    sibling.abort();
    Ok("goes on")
}

#[tokio::test(start_paused = true)]
async fn the_failure_of_a_scope_is_its_callers_to_catch() {
    assert_eq!(catches(Gauge::default()).await.unwrap(), "goes on");
}

#[tokio::test]
async fn a_cancelled_child_leaves_its_parent_alone() {
    let parent = Group::new();
    let gauge = Gauge::default();
    let other = parent.spawn(alive(gauge.enter()));
    parent.launch(one_is_cancelled());
    parent.spawn(one_is_cancelled()).await.unwrap().unwrap();
    one_is_cancelled().await.unwrap();
    let child = Group::new();
    child.launch(std::future::pending::<()>());
    child.cancel();
    child.join().await.unwrap();
    settle().await;
    assert!(!parent.is_cancelled() && gauge.now() == 1);
    other.abort();
    parent.join().await.unwrap();
}
