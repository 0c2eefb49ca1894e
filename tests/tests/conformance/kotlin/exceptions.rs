//! Failures in a tree: which of them is told, to whom, and how often.

use std::fmt;
use std::io;

use rejoin::{Errors, PanicError, guarded, task_group};
use tokio_util::sync::CancellationToken;

use super::super::support::{BoxError, Gauge, settle};
use super::{Group, Steps, alive, fails, hold};
use crate::common::{listen, reports, wait_for_report};

#[guarded]
async fn leaves_a_child_behind() {
    tokio::spawn(fails("of nobodys child"));
}

#[tokio::test]
async fn the_failure_of_a_child_without_a_group_is_reported() {
    listen();
    leaves_a_child_behind().await;
    settle().await;
    assert_eq!(wait_for_report("of nobodys child").get("kind"), "error");
}

#[task_group]
async fn kotlin_cancels_a_held_child(gauge: Gauge) -> Result<(), BoxError> {
    let child = tokio::spawn(alive(gauge.enter()));
    settle().await;
    assert!(!child.is_finished());
    Err(io::Error::other("of its parent").into())
}

#[tokio::test]
async fn a_child_that_is_cancelled_says_so_in_its_handle_and_nowhere_else() {
    listen();
    let gauge = Gauge::default();
    let outcome = kotlin_cancels_a_held_child(gauge.clone()).await;
    assert_eq!(outcome.unwrap_err().to_string(), "of its parent");
    assert_eq!((gauge.all(), gauge.now()), (1, 0));

    let parent = Group::new();
    let child = parent.spawn(alive(gauge.enter()));
    parent.launch(fails("of a task beside"));
    let error = child.await.unwrap_err();
    assert!(error.is_cancelled() && !error.is_panic());
    let error = parent.join().await.unwrap_err();
    assert_eq!(error.to_string(), "of a task beside");
    let reports = reports("kotlin_cancels_a_held_child");
    assert!(reports.is_empty(), "{reports:?}");
}

/// An error type that has no word for a cancellation.
#[derive(Debug)]
struct Narrow(String);

impl From<BoxError> for Narrow {
    fn from(error: BoxError) -> Self {
        Self(error.to_string())
    }
}

#[task_group(token = token.clone(), grace = "1h")]
async fn child_fails_late(token: CancellationToken) -> Result<(), Narrow> {
    tokio::spawn(async {
        rejoin::cancelled().await;
        fails("late").await
    });
    settle().await;
    token.cancel();
    Ok(())
}

#[task_group(token = token.clone(), grace = "1h")]
async fn grandchild_fails_late(token: CancellationToken) -> Result<(), Narrow> {
    tokio::spawn(async {
        tokio::spawn(async {
            rejoin::cancelled().await;
            fails("late and below").await
        });
        rejoin::cancelled().await;
    });
    settle().await;
    token.cancel();
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_failure_during_a_cancellation_is_not_lost() {
    let error = child_fails_late(CancellationToken::new())
        .await
        .unwrap_err();
    assert_eq!(error.0, "late");
    let error = grandchild_fails_late(CancellationToken::new())
        .await
        .unwrap_err();
    assert_eq!(error.0, "late and below");
}

#[task_group(grace = "1h")]
async fn child_fails_after_the_body() -> Result<(), BoxError> {
    tokio::spawn(async {
        rejoin::cancelled().await;
        fails("because of the body").await
    });
    settle().await;
    fails("of the body, the cause").await
}

#[tokio::test(start_paused = true)]
async fn a_failure_that_a_failure_caused_is_reported_and_does_not_hide_it() {
    listen();
    let error = child_fails_after_the_body().await.unwrap_err();
    assert_eq!(error.to_string(), "of the body, the cause");
    assert_eq!(wait_for_report("because of the body").get("kind"), "error");
    assert!(reports("of the body, the cause").is_empty());
}

#[task_group(grace = "1h")]
async fn three_fail(texts: [&'static str; 3]) -> Result<(), BoxError> {
    for text in texts {
        tokio::spawn(fails(text));
    }
    std::future::pending().await
}

#[task_group(on_failure = "collect")]
async fn three_fail_together(texts: [&'static str; 3]) -> Result<(), Errors<BoxError>> {
    for text in texts {
        tokio::spawn(fails(text));
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn of_many_failures_the_first_is_returned_and_the_others_are_reported() {
    listen();
    let texts = ["k arithmetic", "k io", "k argument"];
    let error = three_fail(texts).await.unwrap_err();
    assert_eq!(error.to_string(), texts[0]);
    assert_eq!(wait_for_report(texts[1]).get("kind"), "error");
    assert_eq!(wait_for_report(texts[2]).get("kind"), "error");
    assert!(reports(texts[0]).is_empty());

    let texts = ["k arithmetic 2", "k io 2", "k argument 2"];
    let errors = three_fail_together(texts).await.unwrap_err();
    let told: Vec<_> = errors.iter().map(ToString::to_string).collect();
    assert_eq!(told, texts);
    assert!(reports("k io 2").is_empty());
}

#[task_group(grace = "1h")]
async fn body_fails_before_its_children() -> Result<(), BoxError> {
    tokio::spawn(fails("k first child"));
    tokio::spawn(fails("k second child"));
    fails("k body").await
}

#[tokio::test(start_paused = true)]
async fn the_bodys_error_is_returned_when_it_was_first() {
    listen();
    let error = body_fails_before_its_children().await.unwrap_err();
    assert_eq!(error.to_string(), "k body");
    assert_eq!(wait_for_report("k first child").get("kind"), "error");
    assert_eq!(wait_for_report("k second child").get("kind"), "error");
}

#[task_group]
async fn one_panics_beside(gauge: Gauge) -> Result<(), BoxError> {
    tokio::spawn(alive(gauge.enter()));
    tokio::spawn(async { panic!("handled once") });
    std::future::pending().await
}

#[guarded]
async fn guards_one_that_panics(gauge: Gauge) -> Result<(), BoxError> {
    one_panics_beside(gauge).await
}

#[tokio::test]
async fn a_failure_is_told_once() {
    listen();
    let gauge = Gauge::default();
    let error = guards_one_that_panics(gauge.clone()).await.unwrap_err();
    let panic = error.downcast::<PanicError>().unwrap();
    assert_eq!(panic.message(), "handled once");
    assert_eq!((gauge.all(), gauge.now()), (1, 0));
    assert_eq!(reports("handled once").len(), 1);

    leaves_another_behind().await;
    settle().await;
    wait_for_report("told once");
    assert_eq!(reports("told once").len(), 1);
}

#[guarded]
async fn leaves_another_behind() {
    tokio::spawn(fails("told once"));
}

#[tokio::test]
async fn a_child_of_a_parent_that_has_failed_never_runs() {
    let parent = Group::builder()
        .grace(std::time::Duration::from_secs(3600))
        .open();
    let steps = Steps::default();
    let witness = steps.clone();
    let below = parent.spawn(async move {
        rejoin::cancelled().await;
        // A parent below one that has failed has failed as well.
        let below = Group::new();
        assert!(below.is_cancelled());
        below.launch(async move { unreachable!("below a failed parent") });
        below.join().await.unwrap();
        witness.take("below");
    });
    settle().await;
    parent.launch(fails("of the parent itself"));
    parent.cancelled().await;
    let late = parent.spawn(async { unreachable!("in a failed parent") });
    parent.launch(async { unreachable!("in a failed parent") });
    let late: Result<(), _> = late.await;
    assert!(late.unwrap_err().is_cancelled());
    below.await.unwrap();
    let error = parent.join().await.unwrap_err();
    assert_eq!(error.to_string(), "of the parent itself");
    assert_eq!(steps.all(), ["below"]);
}

#[task_group]
async fn inner() -> Result<(), BoxError> {
    tokio::spawn(fails("through three scopes"));
    std::future::pending().await
}

#[task_group]
async fn middle() -> Result<(), BoxError> {
    tokio::spawn(inner());
    std::future::pending().await
}

#[task_group]
async fn outer(steps: Steps) -> Result<(), BoxError> {
    tokio::spawn(hold(steps.at_the_end("sibling")));
    tokio::spawn(middle());
    std::future::pending().await
}

#[tokio::test]
async fn an_error_that_is_returned_is_not_reported() {
    listen();
    let steps = Steps::default();
    let error = outer(steps.clone()).await.unwrap_err();
    assert_eq!(error.to_string(), "through three scopes");
    assert_eq!(steps.all(), ["sibling"]);
    let reports = reports("through three scopes");
    assert!(reports.is_empty(), "{reports:?}");
}

/// An error that cannot be shown.
struct Bad(u8);

impl fmt::Debug for Bad {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("a bad error has no words")
    }
}

impl From<PanicError> for Bad {
    fn from(_: PanicError) -> Self {
        Self(0)
    }
}

#[task_group(grace = "1h")]
async fn three_fail_badly() -> Result<(), Bad> {
    tokio::spawn(async { Err::<(), _>(Bad(1)) });
    tokio::spawn(async { Err::<(), _>(Bad(2)) });
    tokio::spawn(async {
        rejoin::cancelled().await;
        std::panic::panic_any(BadPayload);
    });
    std::future::pending().await
}

/// A payload that cannot be dropped.
struct BadPayload;

impl Drop for BadPayload {
    fn drop(&mut self) {
        panic!("a bad payload has no end");
    }
}

#[tokio::test(start_paused = true)]
async fn a_bad_error_and_a_bad_payload_break_nothing() {
    listen();
    let Err(error) = three_fail_badly().await else {
        panic!("it fails")
    };
    assert_eq!(error.0, 1);
    let report = wait_for_report("an error whose description panicked");
    assert_eq!(report.get("kind"), "error");
    wait_for_report("a bad error has no words");
    wait_for_report("a bad payload has no end");
}
