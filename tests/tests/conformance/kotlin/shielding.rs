//! `NonCancellable`.

use std::time::Duration;

use rejoin::shield;
use tokio::sync::oneshot;

use super::super::support::{OnDrop, settle};
use super::{Group, Steps};

/// Two steps with an await in between, which waits to be let go.
async fn two_steps(steps: Steps, names: [&'static str; 2], let_go: oneshot::Receiver<()>) {
    steps.take(names[0]);
    let _ = let_go.await;
    steps.take(names[1]);
}

#[tokio::test]
async fn a_shielded_part_runs_to_its_end_though_its_task_is_aborted() {
    let (steps, group) = (Steps::default(), Group::new());
    let (go, let_go) = oneshot::channel();
    let part = two_steps(steps.clone(), ["begins", "ends"], let_go);
    let task = group.spawn({
        let steps = steps.clone();
        async move {
            shield(part).await;
            steps.take("behind the shield");
        }
    });
    settle().await;
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    steps.take("aborted");
    go.send(()).unwrap();
    group.join().await.unwrap(); // waits for the shielded part
    assert_eq!(steps.all(), ["begins", "aborted", "ends"]);
}

#[tokio::test(start_paused = true)]
async fn within_the_grace_a_task_goes_on_behind_its_shields_and_sees_the_cancellation_again() {
    let steps = Steps::default();
    let group = Group::builder().grace(Duration::from_secs(3600)).open();
    let ((go, let_go), (_, at_once)) = (oneshot::channel(), oneshot::channel());
    group.launch({
        let steps = steps.clone();
        async move {
            shield(two_steps(steps.clone(), ["one", "two"], let_go)).await;
            assert!(rejoin::is_cancelled());
            shield(async move {
                assert!(!rejoin::is_cancelled(), "inside it nothing is cancelled");
                two_steps(steps, ["three", "four"], at_once).await;
            })
            .await;
            rejoin::cancelled().await;
        }
    });
    settle().await;
    group.cancel();
    steps.take("cancelled");
    go.send(()).unwrap();
    group.join().await.unwrap();
    assert_eq!(steps.all(), ["one", "cancelled", "two", "three", "four"]);
}

#[tokio::test]
async fn cleanup_in_a_destructor_can_be_shielded() {
    let (steps, group) = (Steps::default(), Group::new());
    let task = group.spawn({
        let steps = steps.clone();
        async move {
            let cleanup = steps.clone();
            let _cleanup = OnDrop(move || {
                let steps = cleanup.clone();
                drop(shield(async move {
                    steps.take("cleanup begins");
                    tokio::task::yield_now().await;
                    steps.take("cleanup ends");
                }));
            });
            steps.take("body");
            std::future::pending::<()>().await;
        }
    });
    settle().await;
    steps.take("cancelled");
    group.cancel();
    group.join().await.unwrap();
    assert!(task.await.unwrap_err().is_cancelled());
    let expected = ["body", "cancelled", "cleanup begins", "cleanup ends"];
    assert_eq!(steps.all(), expected);
}
