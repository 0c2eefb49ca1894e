//! `supervisorScope`.

use std::sync::Arc;

use rejoin::{CancelCause, OnFailure, task_group};
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::super::support::{BoxError, Gauge, OnDrop, settle};
use super::{Group, Steps, Stopped, alive, failed, fails, hold};
use crate::common::{listen, reports, wait_for_report};

#[tokio::test]
async fn failing_children_of_a_supervisor_are_reported_and_leave_it_open() {
    listen();
    let supervisor = Group::builder().on_failure(OnFailure::Isolate).open();
    supervisor.launch(async {
        tokio::task::yield_now().await;
        fails("supervised one").await
    });
    supervisor.launch(fails("supervised two"));
    while !supervisor.is_empty() {
        tokio::task::yield_now().await;
    }
    assert!(!supervisor.is_cancelled());
    assert_eq!(supervisor.spawn(async { 7 }).await.unwrap(), 7);
    supervisor.join().await.unwrap();
    for text in ["supervised one", "supervised two"] {
        assert_eq!(wait_for_report(text).get("kind"), "error");
    }
}

#[task_group(on_failure = "isolate")]
async fn two_fail() -> &'static str {
    tokio::spawn(fails("isolated one"));
    tokio::spawn(async { panic!("isolated two") });
    "OK"
}

#[tokio::test]
async fn a_supervisor_returns_its_value_though_its_children_fail() {
    listen();
    assert_eq!(two_fail().await, "OK");
    assert_eq!(wait_for_report("isolated one").get("kind"), "error");
    assert_eq!(wait_for_report("isolated two").get("kind"), "panic");
}

#[task_group(on_failure = "isolate")]
async fn one_fails_beside(gauge: Gauge) -> &'static str {
    let other = tokio::spawn(alive(gauge.enter()));
    tokio::spawn(fails("kotlin sibling"));
    tokio::spawn(async { panic!("kotlin sibling, by a panic") });
    settle().await;
    assert_eq!(gauge.now(), 1);
    assert!(!other.is_finished() && !rejoin::is_cancelled());
    other.abort();
    "OK"
}

#[tokio::test]
async fn the_failure_of_one_child_leaves_the_others_alone() {
    listen();
    assert_eq!(one_fails_beside(Gauge::default()).await, "OK");
    assert_eq!(reports("kotlin sibling").len(), 2, "they had failed");
}

#[task_group(on_failure = "isolate")]
async fn body_fails(steps: Steps) -> Result<(), BoxError> {
    tokio::spawn(hold(steps.at_the_end("discarded child")));
    let held = tokio::spawn(hold(steps.at_the_end("held child")));
    settle().await;
    steps.take("body");
    drop(held);
    fails("of the body").await
}

#[tokio::test]
async fn an_error_of_the_supervisors_body_cancels_its_children() {
    let steps = Steps::default();
    let error = body_fails(steps.clone()).await.unwrap_err();
    assert_eq!(error.to_string(), "of the body");
    let mut steps = steps.all();
    assert_eq!(steps.remove(0), "body");
    steps.sort_unstable();
    assert_eq!(steps, ["discarded child", "held child"]);
}

#[task_group(on_failure = "isolate")]
async fn body_and_dying_child_fail(gauge: Gauge) -> Result<(), BoxError> {
    tokio::spawn(alive(gauge.enter()));
    tokio::spawn(hold(OnDrop(|| panic!("while it is cancelled"))));
    settle().await;
    fails("of the body itself").await
}

#[tokio::test]
async fn a_child_that_fails_while_it_is_cancelled_does_not_hide_the_bodys_error() {
    listen();
    let gauge = Gauge::default();
    let error = body_and_dying_child_fail(gauge.clone()).await.unwrap_err();
    assert_eq!(error.to_string(), "of the body itself");
    assert_eq!(gauge.now(), 0);
    assert_eq!(
        wait_for_report("while it is cancelled").get("kind"),
        "panic"
    );
}

#[task_group(on_failure = "isolate", token = token.clone())]
async fn waits_with_a_child(token: CancellationToken, gauge: Gauge) {
    tokio::spawn(alive(gauge.enter()));
}

#[tokio::test]
async fn a_supervisor_cancelled_from_outside_cancels_its_children() {
    let (token, gauge) = (CancellationToken::new(), Gauge::default());
    let owner = tokio::spawn(waits_with_a_child(token.clone(), gauge.clone()));
    settle().await;
    assert_eq!(gauge.now(), 1);
    token.cancel();
    owner.await.unwrap();
    assert_eq!(gauge.now(), 0);

    let owner = tokio::spawn(waits_with_a_child(CancellationToken::new(), gauge.clone()));
    settle().await;
    assert_eq!(gauge.now(), 1);
    owner.abort();
    assert!(owner.await.unwrap_err().is_cancelled());
    settle().await;
    assert_eq!(gauge.now(), 0);
}

#[task_group(on_failure = "isolate", grace = "1h")]
async fn tells_its_children_why(tell: mpsc::UnboundedSender<CancelCause>) -> Result<(), BoxError> {
    tokio::spawn(async move { tell.send(rejoin::cancelled().await).unwrap() });
    settle().await;
    fails("of the parent").await
}

#[tokio::test(start_paused = true)]
async fn a_child_that_is_cancelled_with_its_parent_learns_the_cause() {
    let (tell, mut told) = mpsc::unbounded_channel();
    tells_its_children_why(tell).await.unwrap_err();
    let Some(CancelCause::Failure { task, .. }) = told.recv().await else {
        panic!("not told of a failure")
    };
    assert!(task.ends_with("tells_its_children_why"), "{task}");
}

#[task_group]
async fn cancels_what_is_inside(gauge: Gauge) -> bool {
    let inner = Group::builder().on_failure(OnFailure::Isolate).open();
    inner.launch(alive(gauge.enter()));
    settle().await;
    inner.cancel();
    assert!(inner.is_cancelled());
    inner.join().await.unwrap();
    assert_eq!(gauge.now(), 0);
    rejoin::is_cancelled()
}

#[tokio::test]
async fn cancelling_a_group_leaves_the_one_around_it_alone() {
    assert!(!cancels_what_is_inside(Gauge::default()).await);
}

#[task_group]
async fn around_a_supervisor(gauge: Gauge) -> Result<(), BoxError> {
    tokio::spawn(alive(gauge.enter()));
    tokio::spawn(body_fails(Steps::default()));
    std::future::pending().await
}

#[tokio::test]
async fn a_supervisor_that_fails_itself_fails_the_group_around_it() {
    let gauge = Gauge::default();
    let error = around_a_supervisor(gauge.clone()).await.unwrap_err();
    assert_eq!(error.to_string(), "of the body");
    assert_eq!((gauge.all(), gauge.now()), (1, 0));
}

#[task_group(on_failure = "isolate", token = token.clone())]
async fn fails_when_cancelled(token: CancellationToken) -> Result<(), Stopped> {
    tokio::task::yield_now().await;
    token.cancel();
    Err(failed("on its own"))
}

#[task_group(on_failure = "isolate")]
async fn fails_after(cancel: impl FnOnce()) -> Result<(), Stopped> {
    tokio::task::yield_now().await;
    cancel();
    Err(failed("on its own"))
}

#[tokio::test]
async fn an_error_of_a_supervisor_goes_before_a_cancellation() {
    let outcome = fails_when_cancelled(CancellationToken::new()).await;
    assert_eq!(outcome, Err(failed("on its own")));

    // The task around it is aborted in the very poll in which it fails.
    let around = Arc::new(Group::new());
    let (tell, told) = oneshot::channel();
    let cancels = Arc::downgrade(&around);
    around.launch(async move {
        let outcome = fails_after(move || cancels.upgrade().unwrap().cancel()).await;
        tell.send(outcome).unwrap();
    });
    assert_eq!(told.await.unwrap(), Err(failed("on its own")));
    let around = Arc::into_inner(around).unwrap();
    around.join().await.unwrap();
}

#[task_group(on_failure = "isolate")]
async fn supervises_one_that_is_cancelled(gauge: Gauge) -> &'static str {
    let child = tokio::spawn(alive(gauge.enter()));
    tokio::task::yield_now().await;
    child.abort();
    assert!(child.await.unwrap_err().is_cancelled());
    "OK"
}

#[tokio::test]
async fn a_child_that_is_cancelled_is_no_failure_to_report() {
    listen();
    let gauge = Gauge::default();
    assert_eq!(supervises_one_that_is_cancelled(gauge.clone()).await, "OK");
    assert_eq!((gauge.all(), gauge.now()), (1, 0));
    let reports = reports("supervises_one_that_is_cancelled");
    assert!(reports.is_empty(), "{reports:?}");
}
