//! Task groups.

use std::sync::{Arc, mpsc};
use std::time::Duration;

use rejoin::task_group;
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::super::support::{BoxError, Gauge, settle};
use super::Group;

const HOUR: Duration = Duration::from_secs(3600);

async fn boom() -> Result<u32, BoxError> {
    Err("boom".into())
}

#[task_group]
async fn passes_it_on(gauge: Gauge) -> Result<u32, BoxError> {
    let place = gauge.enter();
    let one = tokio::spawn(async move {
        let _place = place;
        std::future::pending::<u32>().await
    });
    let failing = tokio::spawn(boom());
    let sum = failing.await??;
    Ok(sum + one.await?)
}

#[tokio::test]
async fn an_error_that_the_body_passes_on_cancels_the_rest_and_is_returned() {
    let gauge = Gauge::default();
    let error = passes_it_on(gauge.clone()).await.unwrap_err();
    assert_eq!(error.to_string(), "boom");
    assert_eq!((gauge.all(), gauge.now()), (1, 0));
}

#[task_group]
async fn recovers() -> Result<u32, BoxError> {
    let one = tokio::spawn(async { 1 });
    let error = tokio::spawn(boom()).await?.unwrap_err();
    assert_eq!(error.to_string(), "boom");
    let third = tokio::spawn(async { (3, rejoin::is_cancelled()) });
    assert_eq!(third.await?, (3, false));
    Ok(one.await? + 3)
}

#[tokio::test]
async fn the_error_of_a_held_child_cancels_nothing_by_itself() {
    assert_eq!(recovers().await.unwrap(), 4);
}

#[tokio::test]
async fn what_held_children_return_is_released_by_whoever_takes_it() {
    let (gauge, group) = (Gauge::default(), Group::new());
    let mut children = Vec::new();
    for n in 0..5 {
        let place = gauge.enter();
        children.push(group.spawn(async move { (n, place) }));
    }
    let mut sum = 0;
    for child in children {
        sum += child.await.unwrap().0;
    }
    assert_eq!((sum, gauge.all(), gauge.now()), (10, 5, 0));
    group.join().await.unwrap();
}

#[tokio::test]
async fn a_cancelled_group_refuses_new_children() {
    let group = Group::new();
    let first = group.try_spawn(async { 1 }).ok().expect("not cancelled");
    assert_eq!(first.await.unwrap(), 1);
    group.cancel();
    assert!(group.is_cancelled());
    assert!(group.try_spawn(async { 2 }).is_err());
    let third = group.spawn(async { unreachable!("it runs in a cancelled group") });
    let third: Result<(), _> = third.await;
    assert!(third.unwrap_err().is_cancelled());
    assert!(group.is_cancelled());
    group.join().await.unwrap();
}

#[tokio::test]
async fn a_group_cancelled_with_the_one_around_it_refuses_new_children() {
    let around = Group::builder().grace(HOUR).open();
    let refused = around.spawn(async {
        let group = Group::new();
        rejoin::cancelled().await;
        let refused = group.try_spawn(async {}).is_err();
        group.join().await.unwrap();
        refused
    });
    settle().await;
    around.cancel();
    assert!(refused.await.unwrap());
    around.join().await.unwrap();
}

#[tokio::test]
async fn cancelling_a_group_leaves_the_one_beside_it_alone() {
    let (one, two) = (Group::new(), Group::new());
    let (go, going) = oneshot::channel::<()>();
    let goes_on = one.spawn(async {
        let _ = going.await;
        (15, rejoin::is_cancelled())
    });
    let stopped = two.spawn(std::future::pending::<u32>());
    settle().await;
    two.cancel();
    assert!(two.is_cancelled() && !one.is_cancelled() && !rejoin::is_cancelled());
    two.join().await.unwrap();
    assert!(stopped.await.unwrap_err().is_cancelled());
    drop(go);
    assert_eq!(goes_on.await.unwrap(), (15, false));
    one.join().await.unwrap();
}

#[tokio::test]
async fn a_child_may_cancel_its_group() {
    let group = Arc::new(Group::builder().grace(HOUR).open());
    let cancels = Arc::downgrade(&group);
    let first = group.spawn(async move {
        cancels.upgrade().unwrap().cancel();
        1
    });
    assert_eq!(first.await.unwrap(), 1);
    assert!(group.try_spawn(async { 2 }).is_err());
    let group = Arc::into_inner(group).unwrap();
    group.join().await.unwrap();
}

#[task_group]
async fn has_a_deaf_child(
    begun: oneshot::Sender<()>,
    let_go: mpsc::Receiver<()>,
    saw: mpsc::Sender<bool>,
) {
    tokio::task::spawn_blocking(move || {
        begun.send(()).unwrap();
        let _ = let_go.recv();
        saw.send(rejoin::is_cancelled()).unwrap();
    });
}

#[tokio::test]
async fn cancelling_the_task_around_a_group_cancels_the_group() {
    let (begin, begun) = oneshot::channel();
    let ((let_go, waits), (saw, seen)) = (mpsc::channel(), mpsc::channel());
    let around = tokio::spawn(has_a_deaf_child(begin, waits, saw));
    begun.await.unwrap();
    around.abort();
    assert!(around.await.unwrap_err().is_cancelled());
    let_go.send(()).unwrap();
    assert!(
        tokio::task::spawn_blocking(move || seen.recv().unwrap())
            .await
            .unwrap()
    );
}

#[tokio::test(start_paused = true)]
async fn children_that_a_cancel_finds_running_may_end_within_the_grace() {
    let group = Group::builder().grace(HOUR).open();
    assert!(!group.is_cancelled());
    let children = [1, 2].map(|n| {
        group.spawn(async move {
            rejoin::cancelled().await;
            sleep(Duration::from_secs(n)).await;
            (n, rejoin::is_cancelled())
        })
    });
    settle().await;
    group.cancel();
    let [one, two] = children;
    assert_eq!(one.await.unwrap(), (1, true));
    assert_eq!(two.await.unwrap(), (2, true));
    assert!(group.is_empty());
    group.join().await.unwrap();
}

#[tokio::test]
async fn a_group_says_whether_it_is_empty() {
    let group = Group::new();
    assert!(group.is_empty());
    let (go, going) = oneshot::channel::<()>();
    let child = group.spawn(async { going.await.is_err() });
    settle().await;
    assert!(!group.is_empty());
    drop(go);
    assert!(child.await.unwrap());
    assert!(group.is_empty());
    group.join().await.unwrap();
}

#[task_group(grace = "1h", token = token.clone())]
async fn returns_at_once(token: CancellationToken, cancels: bool, saw: mpsc::Sender<bool>) -> u32 {
    for _ in 0..2 {
        let saw = saw.clone();
        tokio::spawn(async move {
            settle().await;
            saw.send(rejoin::is_cancelled()).unwrap();
        });
    }
    tokio::task::yield_now().await; // they have begun
    if cancels {
        token.cancel();
    }
    0
}

#[tokio::test(start_paused = true)]
async fn a_body_that_returns_at_once_waits_for_its_children_cancelled_or_not() {
    for cancels in [false, true] {
        let (saw, seen) = mpsc::channel();
        let result = returns_at_once(CancellationToken::new(), cancels, saw).await;
        assert_eq!(result, 0);
        assert_eq!(seen.iter().collect::<Vec<_>>(), [cancels, cancels]);
    }
}

#[task_group]
async fn sums_as_they_come() -> (Vec<u64>, u32) {
    let mut children = JoinSet::new();
    for n in (1..=10).rev() {
        children.spawn(async move {
            sleep(Duration::from_secs(n)).await;
            if n % 3 == 0 { Err("boom") } else { Ok(n) }
        });
    }
    let (mut came, mut failures) = (Vec::new(), 0);
    while let Some(child) = children.join_next().await {
        match child.unwrap() {
            Ok(n) => came.push(n),
            Err(_) => failures += 1,
        }
    }
    (came, failures)
}

#[tokio::test(start_paused = true)]
async fn a_join_set_in_a_group_gives_results_in_the_order_in_which_they_come() {
    let (came, failures) = sums_as_they_come().await;
    assert_eq!(came, [1, 2, 4, 5, 7, 8, 10]);
    assert_eq!((came.iter().sum::<u64>(), failures), (37, 3));
}
