//! Shields: what they keep out, and what they do not.

use std::future::pending;
use std::time::Duration;

use rejoin::{
    CancelCause, Cancelled, DeadlineExceeded, TaskGroup, cancelled, is_cancelled, remaining,
    shield, task_group,
};
use tokio::sync::oneshot;
use tokio::task::yield_now;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::super::support::{BoxError, Gauge, OnDrop, settle};

type Group = TaskGroup<BoxError>;

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test(start_paused = true)]
async fn what_is_shielded_ends_and_what_comes_after_it_does_not() {
    let (inside, after) = (Gauge::default(), Gauge::default());
    let (seen_inside, seen_after) = (inside.clone(), after.clone());
    let before = Instant::now();
    let group = Group::new();
    group.launch(async move {
        shield(async move {
            sleep(SECOND).await;
            seen_inside.enter();
        })
        .await;
        sleep(9 * SECOND).await;
        seen_after.enter();
    });
    settle().await;
    group.cancel();
    group.join().await.unwrap();
    assert_eq!((inside.all(), after.all()), (1, 0));
    assert_eq!(before.elapsed().as_secs(), 1);
}

#[tokio::test(start_paused = true)]
async fn inside_a_shield_nothing_is_cancelled_and_after_it_everything_is() {
    let group = Group::builder()
        .grace(9 * SECOND)
        .deadline(60 * SECOND)
        .open();
    let task = group.spawn(async {
        cancelled().await;
        assert!(is_cancelled());
        shield(async {
            assert!(!is_cancelled());
            assert_eq!(remaining(), None);
            yield_now().await;
            tokio::select! {
                biased;
                cause = cancelled() => panic!("cancelled in a shield: {cause}"),
                () = sleep(SECOND) => {}
            }
        })
        .await;
        assert!(is_cancelled());
        assert!(remaining().is_some());
        for _ in 0..2 {
            assert_eq!(cancelled().await, CancelCause::Requested);
        }
    });
    settle().await;
    group.cancel();
    task.await.unwrap();
    group.join().await.unwrap();
}

#[tokio::test]
async fn a_destructor_of_a_cancelled_task_may_shield() {
    let (tell, told) = oneshot::channel();
    let mut tell = Some(tell);
    let group = Group::new();
    group.launch(async move {
        let _cleanup = OnDrop(move || {
            assert!(is_cancelled());
            let tell = tell.take().unwrap();
            drop(shield(async move {
                yield_now().await;
                tell.send(is_cancelled()).unwrap();
            }));
            assert!(is_cancelled());
        });
        pending::<()>().await;
    });
    settle().await;
    group.cancel();
    group.join().await.unwrap();
    assert!(!told.await.unwrap());
}

#[task_group(token = token)]
async fn stops(token: CancellationToken) -> Result<(), Cancelled> {
    sleep(9 * SECOND).await;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_shield_does_not_protect_from_a_scope_inside_it() {
    for at_once in [true, false] {
        let (token, before) = (CancellationToken::new(), Instant::now());
        if at_once {
            token.cancel();
        }
        let shielded = shield(stops(token.clone()));
        settle().await;
        token.cancel();
        let cause = shielded.await.unwrap_err();
        assert_eq!(*cause.cause(), CancelCause::Token);
        assert_eq!(before.elapsed(), Duration::ZERO);
    }
}

#[tokio::test(start_paused = true)]
async fn a_shield_hides_the_deadline_around_it_and_not_those_inside() {
    let group = Group::builder().deadline(10 * SECOND).open();
    let left = group.spawn(async {
        shield(async {
            let inner = Group::builder().deadline(1000 * SECOND).open();
            inner.spawn(async { remaining() }).await.unwrap()
        })
        .await
    });
    assert!(left.await.unwrap().unwrap() > 900 * SECOND);
    group.join().await.unwrap();
}

#[task_group(deadline = "200ms")]
async fn too_slow() -> Result<(), DeadlineExceeded> {
    pending().await
}

#[tokio::test(start_paused = true)]
async fn a_deadline_in_a_shield_is_met_in_a_cancelled_scope() {
    let group = Group::builder().grace(9 * SECOND).open();
    let task = group.spawn(async {
        cancelled().await;
        shield(too_slow()).await
    });
    settle().await;
    let before = Instant::now();
    group.cancel();
    let exceeded = task.await.unwrap().unwrap_err();
    assert_eq!(exceeded.after().as_millis(), 200);
    assert_eq!(before.elapsed().as_millis(), 200);
    group.join().await.unwrap();
}

#[task_group(token = middle)]
async fn in_the_middle(
    outer: CancellationToken,
    middle: CancellationToken,
    both: bool,
    passed: Gauge,
) -> Result<(), Cancelled> {
    let (inner, cancels) = (both.then(|| middle.clone()), outer.clone());
    shield(async move {
        cancels.cancel();
        if let Some(inner) = inner {
            inner.cancel();
        }
        yield_now().await;
    })
    .await;
    if !both {
        yield_now().await;
        passed.enter();
    }
    Ok(())
}

#[task_group(token = outer.clone())]
async fn around(outer: CancellationToken, both: bool, passed: Gauge) -> Result<(), Cancelled> {
    let middle = in_the_middle(outer, CancellationToken::new(), both, passed.clone());
    let _ = middle.await;
    yield_now().await;
    passed.enter();
    Ok(())
}

#[tokio::test]
async fn after_a_shield_the_next_await_in_a_cancelled_scope_is_the_last() {
    for both in [true, false] {
        let passed = Gauge::default();
        let ended = around(CancellationToken::new(), both, passed.clone()).await;
        assert_eq!(*ended.unwrap_err().cause(), CancelCause::Token);
        assert_eq!(passed.all(), 0);
    }
}

#[task_group(token = token.clone())]
async fn waits_in_a_shield(token: CancellationToken) {
    let (tell, told) = oneshot::channel();
    let mut tell = Some(tell);
    tokio::spawn(async move {
        let _told = OnDrop(move || tell.take().unwrap().send(()).unwrap());
        pending::<()>().await;
    });
    settle().await;
    shield(async move {
        token.cancel();
        told.await.unwrap();
    })
    .await;
    assert!(is_cancelled());
}

#[tokio::test]
async fn tasks_are_cancelled_while_their_host_is_in_a_shield() {
    waits_in_a_shield(CancellationToken::new()).await;
}

#[task_group]
async fn has_a_shielded_task(go: oneshot::Receiver<()>, done: Gauge) {
    tokio::spawn(async move {
        shield(async move {
            go.await.unwrap();
            done.enter();
        })
        .await;
    });
}

#[tokio::test]
async fn a_host_that_is_aborted_twice_leaves_its_shield_to_the_scope_around() {
    let (go, wait) = oneshot::channel();
    let done = Gauge::default();
    let group = Group::new();
    let host = group.spawn(has_a_shielded_task(wait, done.clone()));
    settle().await;
    host.abort();
    settle().await;
    host.abort();
    assert!(host.await.unwrap_err().is_cancelled());
    settle().await;
    assert_eq!(group.len(), 1, "what it shielded");
    go.send(()).unwrap();
    group.join().await.unwrap();
    assert_eq!(done.all(), 1);
}
