//! What the cancellation of one child means to the rest.

use std::io;

use rejoin::{CancelCause, task_group};
use tokio_util::sync::CancellationToken;

use super::super::support::settle;
use super::{Group, Steps};

#[task_group]
async fn cancels_one_that_has_ended(steps: Steps) -> &'static str {
    let child = tokio::spawn({
        let steps = steps.clone();
        async move { steps.take("child") }
    });
    settle().await;
    child.abort();
    child.await.expect("it had ended");
    assert!(!rejoin::is_cancelled());
    steps.take("body");
    "ends well"
}

#[tokio::test]
async fn cancelling_a_child_that_has_ended_changes_nothing() {
    let steps = Steps::default();
    assert_eq!(cancels_one_that_has_ended(steps.clone()).await, "ends well");
    assert_eq!(steps.all(), ["child", "body"]);
}

#[task_group]
async fn cancels_one_at_once(steps: Steps) -> &'static str {
    let child = tokio::spawn(async { unreachable!("cancelled before it began") });
    child.abort();
    let ended: Result<(), _> = child.await;
    assert!(ended.unwrap_err().is_cancelled());
    tokio::task::yield_now().await;
    assert!(!rejoin::is_cancelled());
    steps.take("body");
    "ends well"
}

#[tokio::test]
async fn cancelling_a_child_does_not_cancel_its_parent() {
    let steps = Steps::default();
    assert_eq!(cancels_one_at_once(steps.clone()).await, "ends well");
    assert_eq!(steps.all(), ["body"]);
}

#[task_group]
async fn asks_a_nested_one(steps: Steps) -> io::Result<()> {
    let deferred = tokio::spawn(async move {
        let nested = tokio::spawn({
            let steps = steps.clone();
            async move {
                steps.take("nested");
                Err::<(), _>(io::Error::other("of the nested one"))
            }
        });
        settle().await;
        steps.take("goes on");
        nested.await?
    });
    deferred.await?
}

#[tokio::test]
async fn a_failure_goes_from_handle_to_handle() {
    let steps = Steps::default();
    let error = asks_a_nested_one(steps.clone()).await.unwrap_err();
    assert_eq!(error.to_string(), "of the nested one");
    assert_eq!(steps.all(), ["nested", "goes on"]);
}

#[tokio::test]
async fn the_first_cancellation_stands() {
    let token = CancellationToken::new();
    let group = Group::builder().token(token.clone()).open();
    token.cancel();
    assert_eq!(group.cancelled().await, CancelCause::Token);
    group.cancel();
    assert_eq!(group.cancelled().await, CancelCause::Token);
    group.join().await.unwrap();

    let group = Group::new();
    group.cancel();
    group.launch(super::fails("too late"));
    assert_eq!(group.cancelled().await, CancelCause::Requested);
    group.join().await.unwrap();
}
