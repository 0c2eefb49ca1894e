//! Cancellation shields.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;
use rejoin::{is_cancelled, shield, task_group};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep};

use super::super::support::settle;
use super::Group;

const HOUR: Duration = Duration::from_secs(3600);

/// Runs something in a task of a group that is cancelled, and within its grace.
async fn cancelled<T: Send + 'static>(f: impl Future<Output = T> + Send + 'static) -> T {
    let group = Group::builder().grace(HOUR).open();
    let task = group.spawn(async {
        rejoin::cancelled().await;
        f.await
    });
    settle().await;
    group.cancel();
    let output = task.await.unwrap();
    group.join().await.unwrap();
    output
}

#[tokio::test(start_paused = true)]
async fn inside_a_shield_nothing_is_cancelled_and_behind_it_is_again() {
    let seen = cancelled(async {
        let before = is_cancelled();
        let inside = shield(async {
            let never = rejoin::cancelled().now_or_never();
            (is_cancelled(), never.is_some())
        });
        (before, inside.await, is_cancelled())
    });
    assert_eq!(seen.await, (true, (false, false), true));
}

#[tokio::test(start_paused = true)]
async fn a_shield_in_a_shield_does_not_end_the_outer_one() {
    let seen = cancelled(async {
        let seen = shield(async {
            let inner = shield(async { is_cancelled() }).await;
            (inner, is_cancelled())
        });
        (seen.await, is_cancelled())
    });
    assert_eq!(seen.await, ((false, false), true));
}

#[tokio::test(start_paused = true)]
async fn a_cancel_does_not_cut_a_sleep_in_a_shield() {
    let start = Instant::now();
    let group = Group::new();
    let task = group.spawn(async { shield(sleep(Duration::from_secs(1))).await });
    settle().await;
    group.cancel();
    group.join().await.unwrap();
    assert_eq!(start.elapsed().as_secs(), 1);
    assert!(task.await.unwrap_err().is_cancelled());
}

#[tokio::test]
async fn a_stream_in_a_shield_is_read_to_its_end() {
    let (send, mut receive) = mpsc::channel(2);
    let (tell, told) = oneshot::channel();
    let group = Group::new();
    group.launch(async {
        shield(async move {
            let mut all = Vec::new();
            while let Some(value) = receive.recv().await {
                all.push(value);
            }
            tell.send(all).unwrap();
        })
        .await;
    });
    settle().await;
    group.cancel();
    send.send(1).await.unwrap();
    send.send(2).await.unwrap();
    drop(send);
    group.join().await.unwrap();
    assert_eq!(told.await.unwrap(), [1, 2]);
}

#[tokio::test]
async fn a_child_that_shields_its_wait_is_waited_for_in_a_cancelled_group() {
    let (complete, completed) = oneshot::channel();
    let (tell, mut told) = oneshot::channel();
    let group = Group::new();
    group.launch(async {
        shield(async {
            tell.send(completed.await).unwrap();
        })
        .await;
    });
    settle().await;
    group.cancel();
    let mut joined = pin!(group.join());
    assert!(joined.as_mut().now_or_never().is_none());
    complete.send(7).unwrap();
    joined.await.unwrap();
    assert_eq!(told.try_recv().unwrap(), Ok(7));
}

#[task_group]
async fn nested() -> (bool, bool) {
    let child = tokio::spawn(async { is_cancelled() });
    (is_cancelled(), child.await.unwrap())
}

#[tokio::test(start_paused = true)]
async fn a_group_in_a_shield_is_not_cancelled_and_its_children_run() {
    let seen = cancelled(async { (is_cancelled(), shield(nested()).await) });
    assert_eq!(seen.await, (true, (false, false)));
}

#[tokio::test]
async fn shielding_the_spawn_does_not_shield_the_child() {
    let group = Arc::new(Group::new());
    let into = Arc::clone(&group);
    let [child] = shield(async move { [into.spawn(std::future::pending::<()>())] }).await;
    settle().await;
    assert!(!child.is_finished());
    group.cancel();
    assert!(child.await.unwrap_err().is_cancelled());

    let into = Arc::clone(&group);
    let late = shield(async move { [into.spawn(async { unreachable!("it was cancelled") })] });
    let [late] = late.await;
    let late: Result<(), _> = late.await;
    assert!(late.unwrap_err().is_cancelled());
    let group = Arc::into_inner(group).unwrap();
    group.join().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_a_shield_spawns_for_itself_is_in_the_shield() {
    let ran = cancelled(shield(async {
        let child = rejoin::spawn(async { is_cancelled() });
        child.await.unwrap()
    }));
    assert!(!ran.await);
}

#[tokio::test]
async fn the_tree_tells_which_scope_is_a_shield() {
    let (go, going) = oneshot::channel::<()>();
    let shielded = shield(async {
        let inside = Group::builder().name("swift_inside_a_shield").open();
        let _ = going.await;
        inside.join().await.unwrap();
    });
    settle().await;
    let tree = rejoin::tree();
    let mut scopes = tree.scopes().iter();
    let inside = scopes.find(|scope| scope.name() == "swift_inside_a_shield");
    let inside = inside.expect("a group in the shield");
    assert!(!inside.is_shielded());
    assert!(tree.parent(inside).unwrap().is_shielded());
    drop(go);
    shielded.await;
}

#[tokio::test]
async fn seen_from_outside_a_group_is_cancelled_while_its_task_is_in_a_shield() {
    let group = Group::builder().grace(HOUR).open();
    let (ask, asked) = oneshot::channel::<()>();
    let task = group.spawn(async {
        let inside = shield(async {
            let _ = asked.await;
            is_cancelled()
        });
        (inside.await, is_cancelled())
    });
    settle().await;
    group.cancel();
    assert!(group.is_cancelled());
    drop(ask);
    assert_eq!(task.await.unwrap(), (false, true));
    assert!(group.is_cancelled());
    group.join().await.unwrap();
}
