//! Trio: the tests of `_core/_tests/test_run.py` that its guarantees name.

use std::future::pending;
use std::sync::mpsc;
use std::time::Duration;

use futures::poll;
use rejoin::{
    CancelCause, Cancelled, DeadlineExceeded, Errors, TaskGroup, cancelled, is_cancelled, shield,
    task_group,
};
use tokio::sync::oneshot;
use tokio::task::yield_now;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::support::{BoxError, Gauge, OnDrop, Place, settle};
use crate::common::{listen, wait_for_report};

type Group = TaskGroup<BoxError>;

const SECOND: Duration = Duration::from_secs(1);

#[task_group]
async fn sleeps_beside_a_crasher(place: Place) -> Result<(), BoxError> {
    tokio::spawn(async { Err::<(), BoxError>("this is a crash".into()) });
    let _place = place;
    pending().await
}

#[tokio::test]
async fn a_childs_crash_cancels_the_body() {
    let gauge = Gauge::default();
    let error = sleeps_beside_a_crasher(gauge.enter()).await.unwrap_err();
    assert_eq!(error.to_string(), "this is a crash");
    assert_eq!(gauge.now(), 0);
}

#[task_group]
async fn both_crash(child: &'static str) -> Result<(), BoxError> {
    let (fail, failing) = oneshot::channel::<()>();
    tokio::spawn(async move {
        // The body's failure drops the sender; the child is aborted, and fails by its destructor.
        let _cleanup = OnDrop(|| std::panic::panic_any(child));
        let _ = failing.await;
    });
    settle().await;
    let _fail = fail;
    Err("main".into())
}

#[task_group(on_failure = "collect")]
async fn both_crash_collected() -> Result<(), Errors<BoxError>> {
    tokio::spawn(async { Err::<(), BoxError>("child".into()) });
    Err::<(), BoxError>("main".into())?;
    Ok(())
}

#[tokio::test]
async fn the_errors_of_body_and_child_are_both_told() {
    listen();
    let error = both_crash("child of a failed main").await.unwrap_err();
    assert_eq!(error.to_string(), "main");
    let report = wait_for_report("child of a failed main");
    assert_eq!(report.get("kind"), "panic");
    let errors = both_crash_collected().await.unwrap_err();
    let errors: Vec<_> = errors.iter().map(ToString::to_string).collect();
    assert_eq!(errors, ["child", "main"]);
}

#[task_group(token = token)]
async fn waits_for_a_thread(
    token: CancellationToken,
    begun: oneshot::Sender<()>,
    end: mpsc::Receiver<()>,
) -> Result<(), Cancelled> {
    tokio::task::spawn_blocking(move || {
        begun.send(()).unwrap();
        let _ = end.recv();
    });
    Ok(())
}

#[tokio::test]
async fn the_wait_at_the_exit_cannot_be_cancelled_away() {
    let (token, (end, ends), (begin, begun)) = (
        CancellationToken::new(),
        mpsc::channel(),
        oneshot::channel(),
    );
    let mut group = Box::pin(waits_for_a_thread(token.clone(), begin, ends));
    assert!(poll!(&mut group).is_pending());
    begun.await.unwrap();
    token.cancel();
    for _ in 0..3 {
        settle().await;
        assert!(poll!(&mut group).is_pending());
    }
    end.send(()).unwrap();
    assert_eq!(*group.await.unwrap_err().cause(), CancelCause::Token);
}

#[tokio::test]
async fn a_wait_that_is_dropped_goes_on_in_the_scope_around() {
    let ((end, ends), (begin, begun)) = (mpsc::channel(), oneshot::channel());
    let outer = Group::new();
    let host = outer.spawn(waits_for_a_thread(CancellationToken::new(), begin, ends));
    begun.await.unwrap();
    host.abort();
    assert!(host.await.unwrap_err().is_cancelled());
    let mut joined = Box::pin(outer.join());
    for _ in 0..3 {
        settle().await;
        assert!(poll!(&mut joined).is_pending());
    }
    end.send(()).unwrap();
    joined.await.unwrap();
}

#[task_group(token = token)]
async fn stops(token: CancellationToken, place: Place) -> Result<(), Cancelled> {
    tokio::spawn(async move {
        let _place = place;
        sleep(9 * SECOND).await;
    });
    pending().await
}

#[tokio::test(start_paused = true)]
async fn a_shield_blocks_outer_cancellation_and_not_its_own_or_inner() {
    let outer = Group::builder().grace(60 * SECOND).open();
    let host = outer.spawn(async {
        cancelled().await;
        shield(async {
            // The outer cancellation does not get in ...
            sleep(SECOND).await;
            assert!(!is_cancelled());
            let before = Instant::now();
            // ... a scope inside can be cancelled ...
            let (innerest, gauge) = (CancellationToken::new(), Gauge::default());
            innerest.cancel();
            stops(innerest, gauge.enter()).await.unwrap_err();
            // ... and so can what is the whole of the shield.
            let (own, place) = (CancellationToken::new(), gauge.enter());
            let shielded = shield(stops(own.clone(), place));
            settle().await;
            own.cancel();
            shielded.await.unwrap_err();
            assert_eq!((before.elapsed(), gauge.now()), (Duration::ZERO, 0));
        })
        .await;
        assert!(is_cancelled(), "as before");
    });
    settle().await;
    outer.cancel();
    host.await.unwrap();
    outer.join().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn shielded_work_ends_at_once_when_its_own_scope_is_cancelled() {
    let (own, gauge, before) = (CancellationToken::new(), Gauge::default(), Instant::now());
    let (token, place) = (own.clone(), gauge.enter());
    let outer = Group::new();
    outer.launch(async move {
        let _ = shield(stops(token, place)).await;
    });
    settle().await;
    outer.cancel();
    settle().await;
    assert_eq!(
        (gauge.now(), outer.len()),
        (1, 1),
        "the outer scope waits for it"
    );
    own.cancel();
    outer.join().await.unwrap();
    assert_eq!((before.elapsed(), gauge.now()), (Duration::ZERO, 0));
}

#[tokio::test(start_paused = true)]
async fn a_scope_may_be_cancelled_before_it_is_entered_and_is_never_uncancelled() {
    let (before, gauge) = (Instant::now(), Gauge::default());
    let token = CancellationToken::new();
    token.cancel();
    stops(token, gauge.enter()).await.unwrap_err();
    // After it was entered.
    let token = CancellationToken::new();
    let host = tokio::spawn(stops(token.clone(), gauge.enter()));
    settle().await;
    token.cancel();
    host.await.unwrap().unwrap_err();
    assert_eq!((before.elapsed(), gauge.now()), (Duration::ZERO, 0));

    // By its deadline, by a token and by hand: the first cause stays, and so does the cancellation.
    let token = CancellationToken::new();
    let group = Group::builder()
        .deadline(SECOND)
        .token(token.clone())
        .open();
    let host = group.spawn(sleep(9 * SECOND));
    assert!(!group.is_cancelled());
    assert_eq!(group.cancelled().await, CancelCause::Deadline);
    token.cancel();
    group.cancel();
    settle().await;
    assert!(group.is_cancelled());
    assert_eq!(group.cancelled().await, CancelCause::Deadline);
    assert!(host.await.unwrap_err().is_cancelled());
    let late = group.join().await.unwrap_err();
    assert!(late.is::<DeadlineExceeded>(), "{late}");
}

#[tokio::test]
async fn a_task_spawned_into_a_cancelled_group_is_never_polled() {
    let gauge = Gauge::default();
    let group = Group::new();
    group.cancel();
    let (begins, place) = (gauge.clone(), gauge.enter());
    let held = group.spawn(async move {
        let _place = place;
        begins.enter();
    });
    assert_eq!(gauge.now(), 0, "it is dropped at once");
    assert!(held.await.unwrap_err().is_cancelled());
    let begins = gauge.clone();
    group.launch(async move { drop(begins.enter()) });
    group.join().await.unwrap();
    assert_eq!(gauge.all(), 1);
}

#[task_group]
async fn waits_while_a_task_spawns(go: oneshot::Receiver<()>, gauge: Gauge) {
    tokio::spawn(async move {
        go.await.unwrap();
        let place = gauge.enter();
        tokio::spawn(async move {
            yield_now().await;
            drop(place);
        });
    });
}

#[tokio::test]
async fn a_group_that_waits_takes_new_tasks_and_its_end_leaves_nothing_to_spawn_into() {
    let (gauge, (go, wait)) = (Gauge::default(), oneshot::channel());
    let group = tokio::spawn(waits_while_a_task_spawns(wait, gauge.clone()));
    settle().await;
    go.send(()).unwrap();
    group.await.unwrap();
    assert_eq!((gauge.all(), gauge.now()), (1, 0));

    // `join` has taken the group. What its last task leaves behind spawns into the scope of whoever runs it.
    let group = Group::new();
    let spawner = group.spawn(async { || rejoin::spawn(pending::<()>()).abort_handle() });
    group.join().await.unwrap();
    let spawner = spawner.await.unwrap();
    let other = Group::new();
    let late = other.spawn(async move { spawner() }).await.unwrap();
    assert_eq!(other.len(), 1);
    assert!(!late.is_finished());
    other.cancel();
    other.join().await.unwrap();
    assert!(late.is_finished());
}

#[task_group(token = outer)]
async fn goes_on_after(
    outer: CancellationToken,
    inner: CancellationToken,
    gauge: Gauge,
) -> Result<(), Cancelled> {
    let absorbed = stops(inner, gauge.enter()).await;
    assert_eq!(*absorbed.unwrap_err().cause(), CancelCause::Token);
    gauge.enter();
    Ok(())
}

#[tokio::test]
async fn a_scope_absorbs_only_its_own_cancellation() {
    // Its own: what was cancelled is not heard of, and the error beside it is.
    let group = Group::builder().grace(Duration::from_secs(1)).open();
    for _ in 0..2 {
        group.launch(async {
            cancelled().await;
        });
    }
    group.launch(async {
        cancelled().await;
        Err::<(), BoxError>("another error".into())
    });
    settle().await;
    group.cancel();
    let errors = group.join_all().await.unwrap_err();
    let errors: Vec<_> = errors.iter().map(ToString::to_string).collect();
    assert_eq!(errors, ["another error"]);

    // Of two scopes, the one that was cancelled, and no more.
    for cancel_outer in [false, true] {
        let (outer, inner) = (CancellationToken::new(), CancellationToken::new());
        let gauge = Gauge::default();
        let host = tokio::spawn(goes_on_after(outer.clone(), inner.clone(), gauge.clone()));
        settle().await;
        if cancel_outer {
            outer.cancel();
        } else {
            inner.cancel();
        }
        assert_eq!(host.await.unwrap().is_err(), cancel_outer);
        let passed = usize::from(!cancel_outer);
        assert_eq!((gauge.all(), gauge.now()), (1 + passed, 0));
    }
}
