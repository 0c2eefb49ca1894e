//! `coroutineScope`.

use std::sync::Arc;

use rejoin::{CancelCause, task_group};
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use super::super::support::{BoxError, settle};
use super::{Group, Steps, Stopped, failed, fails, hold};

#[task_group]
async fn with_children(steps: Steps) -> u32 {
    let (first, second) = (steps.clone(), steps.clone());
    tokio::spawn(async move { first.take("first child") });
    tokio::spawn(async move {
        second.take("second child");
        let nested = second.clone();
        tokio::spawn(async move {
            tokio::task::yield_now().await;
            nested.take("its child");
        });
        second.take("second child again");
    });
    steps.take("body");
    42
}

#[tokio::test]
async fn a_scope_returns_its_value_when_all_below_it_have_ended() {
    let steps = Steps::default();
    assert_eq!(with_children(steps.clone()).await, 42);
    steps.take("after it");
    let expected = [
        "body",
        "first child",
        "second child",
        "second child again",
        "its child",
        "after it",
    ];
    assert_eq!(steps.all(), expected);
}

#[task_group]
async fn a_child_fails(steps: Steps) -> Result<(), BoxError> {
    tokio::spawn(hold(steps.at_the_end("sibling")));
    tokio::spawn(fails("of a child"));
    std::future::pending().await
}

#[tokio::test]
async fn a_failing_child_cancels_its_siblings_and_not_the_caller() {
    let caller = tokio::spawn(async {
        let steps = Steps::default();
        let error = a_child_fails(steps.clone()).await.unwrap_err();
        assert_eq!(error.to_string(), "of a child");
        steps.take("caller");
        settle().await; // not cancelled
        steps.all()
    });
    assert_eq!(caller.await.unwrap(), ["sibling", "caller"]);
}

#[task_group]
async fn fails_alone() -> Result<(), BoxError> {
    fails("of the body alone").await
}

#[task_group]
async fn fails_with_a_child(steps: Steps) -> Result<(), BoxError> {
    tokio::spawn(hold(steps.at_the_end("child")));
    settle().await;
    fails("of the body").await
}

#[tokio::test]
async fn an_error_of_the_body_is_returned_when_its_children_have_been_cancelled() {
    let error = fails_alone().await.unwrap_err();
    assert_eq!(error.to_string(), "of the body alone");
    let steps = Steps::default();
    let error = fails_with_a_child(steps.clone()).await.unwrap_err();
    assert_eq!(error.to_string(), "of the body");
    assert_eq!(steps.all(), ["child"]);
}

#[task_group(token = token)]
async fn waits_for_ever(token: CancellationToken, steps: Steps) -> Result<u32, Stopped> {
    tokio::spawn(hold(steps.at_the_end("child")));
    let _body = steps.at_the_end("body");
    std::future::pending().await
}

#[tokio::test]
async fn a_cancellation_from_outside_is_told_when_the_children_have_ended() {
    let (token, steps) = (CancellationToken::new(), Steps::default());
    let outer = tokio::spawn({
        let (token, steps) = (token.clone(), steps.clone());
        async move {
            let outcome = waits_for_ever(token, steps.clone()).await;
            steps.take("caller");
            outcome
        }
    });
    settle().await;
    token.cancel();
    let outcome = outer.await.unwrap();
    assert_eq!(outcome, Err(Stopped::Cancelled(CancelCause::Token)));
    assert_eq!(steps.all(), ["body", "child", "caller"]);
}

#[task_group]
async fn sums_with_the_first_failing(steps: Steps) -> Result<u32, BoxError> {
    let one = tokio::spawn(async { Err::<u32, BoxError>("of the first".into()) });
    let two = tokio::spawn(async move {
        hold(steps.at_the_end("second")).await;
        42
    });
    Ok(one.await?? + two.await?)
}

#[tokio::test]
async fn a_held_failure_that_the_body_passes_on_cancels_the_others() {
    let steps = Steps::default();
    let error = sums_with_the_first_failing(steps.clone()).await;
    assert_eq!(error.unwrap_err().to_string(), "of the first");
    assert_eq!(steps.all(), ["second"]);
}

#[task_group]
async fn sums_with_the_second_failing(
    steps: Steps,
    go_on: oneshot::Receiver<()>,
) -> Result<u32, BoxError> {
    let first = steps.clone();
    let one = tokio::spawn(async move {
        let _end = first.at_the_end("first");
        go_on.await.unwrap();
        42
    });
    let two = tokio::spawn(async move {
        steps.take("second");
        Err::<u32, BoxError>("of the second".into())
    });
    Ok(one.await? + two.await??)
}

#[tokio::test]
async fn a_held_failure_waits_until_its_handle_is_asked() {
    let (steps, (go, go_on)) = (Steps::default(), oneshot::channel());
    let sum = tokio::spawn(sums_with_the_second_failing(steps.clone(), go_on));
    settle().await;
    assert_eq!(steps.all(), ["second"], "and nobody is cancelled");
    go.send(()).unwrap();
    let error = sum.await.unwrap().unwrap_err();
    assert_eq!(error.to_string(), "of the second");
    assert_eq!(steps.all(), ["second", "first"]);
}

#[task_group(token = token.clone())]
async fn fails_when_cancelled(token: CancellationToken) -> Result<(), Stopped> {
    tokio::task::yield_now().await;
    token.cancel();
    Err(failed("on its own"))
}

#[task_group]
async fn fails_after(cancel: impl FnOnce()) -> Result<(), Stopped> {
    tokio::task::yield_now().await;
    cancel();
    Err(failed("on its own"))
}

#[tokio::test]
async fn an_error_goes_before_a_cancellation() {
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

fn is_open(name: &str) -> bool {
    let tree = rejoin::tree();
    tree.scopes()
        .iter()
        .any(|scope| scope.name().ends_with(name))
}

#[task_group]
async fn kotlin_ends() {
    assert!(is_open("kotlin_ends") && !rejoin::is_cancelled());
}

#[tokio::test]
async fn a_scope_that_has_ended_is_gone() {
    kotlin_ends().await;
    assert!(!is_open("kotlin_ends"));
}

#[test]
fn outside_of_all_scopes_nothing_is_cancelled() {
    assert!(!rejoin::is_cancelled());
}
