//! What a cancellation reaches, what it says, and that it is over with its scope.

use std::future::pending;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures::poll;
use rejoin::{CancelCause, Cancelled, TaskGroup, cancelled, is_cancelled, task_group};
use tokio::sync::{mpsc, oneshot};
use tokio::task::yield_now;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::super::support::{BoxError, Gauge, OnDrop, Place, settle};
use crate::common::{listen, reports};

type Group = TaskGroup<BoxError>;

#[tokio::test]
async fn a_task_that_has_not_begun_when_its_group_is_cancelled_never_does() {
    let gauge = Gauge::default();
    let place = gauge.enter();
    let group = Group::new();
    let begun = gauge.clone();
    group.launch(async move {
        begun.enter();
        let _place = place;
        pending::<()>().await;
    });
    assert_eq!(
        (gauge.all(), gauge.now()),
        (1, 1),
        "no task runs in its spawn"
    );
    group.cancel();
    group.join().await.unwrap();
    assert_eq!((gauge.all(), gauge.now()), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn cancellation_is_seen_again_at_every_await() {
    let grace = Duration::from_secs(1);
    let (tell, mut told) = mpsc::unbounded_channel();
    let group = Group::builder().grace(grace).open();
    group.launch(async move {
        for _ in 0..3 {
            tell.send(cancelled().await).unwrap();
            assert!(is_cancelled());
            yield_now().await;
        }
        // It has heard of it three times. The next await after the grace is its last.
        let _tell = tell;
        pending::<()>().await;
    });
    settle().await;
    assert!(told.try_recv().is_err());
    let before = Instant::now();
    group.cancel();
    for _ in 0..3 {
        assert_eq!(told.recv().await, Some(CancelCause::Requested));
    }
    assert_eq!(before.elapsed(), Duration::ZERO);
    assert_eq!(told.recv().await, None);
    assert_eq!(before.elapsed().as_secs(), 1);
    group.join().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn the_tasks_are_told_the_cause() {
    let cause_of = async |fails: bool| {
        let group = Group::builder().grace(Duration::from_secs(1)).open();
        let told = group.spawn(cancelled());
        settle().await;
        if fails {
            group.launch(async { Err::<(), BoxError>("a failure".into()) });
        } else {
            group.cancel();
        }
        let cause = told.await.unwrap();
        assert_eq!(group.join().await.is_err(), fails);
        cause
    };
    assert_eq!(cause_of(false).await, CancelCause::Requested);
    let text = cause_of(true).await.to_string();
    assert!(text.contains("`task`") && text.contains(file!()), "{text}");
}

#[task_group(token = token)]
async fn own_scope(token: CancellationToken, place: Place) -> Result<(), Cancelled> {
    tokio::spawn(async move {
        let _place = place;
        pending::<()>().await;
    });
    pending().await
}

#[tokio::test]
async fn the_scope_of_a_task_can_be_cancelled_from_another_and_spares_the_others() {
    let (token, gauge) = (CancellationToken::new(), Gauge::default());
    let group = Group::new();
    let sibling = group.spawn(async { settle().await });
    let task = group.spawn(own_scope(token.clone(), gauge.enter()));
    yield_now().await;
    token.cancel();
    let cause = task.await.unwrap().unwrap_err();
    assert_eq!(*cause.cause(), CancelCause::Token);
    assert_eq!(gauge.now(), 0);
    sibling.await.unwrap();
    assert!(!group.is_cancelled());
    group.join().await.unwrap();
}

/// Until it is cancelled: by the abort, or by itself once it is told.
async fn is_stopped(listens: bool) {
    if listens {
        cancelled().await;
    } else {
        pending::<()>().await;
    }
}

#[task_group]
async fn inner(gauge: Gauge, body_waits: bool, listens: bool) {
    let place = gauge.enter();
    tokio::spawn(async move {
        let _place = place;
        is_stopped(listens).await;
    });
    if body_waits {
        let _place = gauge.enter();
        is_stopped(listens).await;
    }
}

#[task_group]
async fn middle(gauge: Gauge, passed: Gauge, body_waits: bool, listens: bool) {
    tokio::spawn(async move {
        inner(gauge, body_waits, listens).await;
        is_stopped(false).await;
        passed.enter();
    });
}

#[tokio::test(start_paused = true)]
async fn cancelling_reaches_the_groups_inside_whatever_they_do() {
    let before = Instant::now();
    for (body_waits, listens) in [(false, false), (false, true), (true, false), (true, true)] {
        let (gauge, passed) = (Gauge::default(), Gauge::default());
        // With a grace they are told, and not aborted: the groups themselves must be reached.
        let grace = Duration::from_secs(u64::from(listens));
        let group = Group::builder().grace(grace).open();
        group.launch(middle(gauge.clone(), passed.clone(), body_waits, listens));
        settle().await;
        assert_eq!(gauge.now(), 1 + usize::from(body_waits));
        group.cancel();
        settle().await;
        assert_eq!((gauge.now(), before.elapsed().subsec_nanos()), (0, 0));
        group.join().await.unwrap();
        assert_eq!(passed.all(), 0);
    }
}

#[task_group(token = token.clone())]
async fn cancels_itself(token: CancellationToken) -> Result<(), Cancelled> {
    tokio::spawn(async move {
        settle().await;
        token.cancel();
    });
    pending().await
}

#[tokio::test]
async fn one_task_can_be_cancelled_scope_after_scope() {
    for _ in 0..2 {
        let cancelled = cancels_itself(CancellationToken::new()).await.unwrap_err();
        assert_eq!(*cancelled.cause(), CancelCause::Token);
    }
}

#[tokio::test]
async fn a_scope_cancelled_before_it_is_entered_lets_nothing_run() {
    let (token, gauge) = (CancellationToken::new(), Gauge::default());
    token.cancel();
    let mut scope = pin!(own_scope(token, gauge.enter()));
    assert!(poll!(&mut scope).is_ready());
    assert_eq!(gauge.now(), 0);
}

#[tokio::test]
async fn a_cancelled_group_ends_well() {
    let group = Group::new();
    group.launch(pending::<()>());
    settle().await;
    group.cancel();
    group.join().await.unwrap();
    assert!(!is_cancelled());
}

#[task_group(token = token.clone())]
async fn ends_as_it_cancels(token: CancellationToken) -> Result<u8, Cancelled> {
    token.cancel();
    Ok(7)
}

#[tokio::test]
async fn a_body_that_ends_without_another_await_keeps_its_value() {
    assert_eq!(ends_as_it_cancels(CancellationToken::new()).await, Ok(7));
}

#[task_group(token = outer.clone())]
async fn cancelled_inside_out(outer: CancellationToken, between: Gauge) -> Result<(), Cancelled> {
    let token = CancellationToken::new();
    token.cancel();
    let gauge = Gauge::default();
    let _outer = OnDrop(|| drop(gauge.enter()));
    let ended = own_scope(token, gauge.enter()).await;
    assert_eq!(*ended.unwrap_err().cause(), CancelCause::Token);
    outer.cancel();
    between.enter();
    yield_now().await;
    unreachable!("it goes on until it waits")
}

#[tokio::test]
async fn a_scope_that_is_cancelled_from_inside_stops_at_the_next_await_that_waits() {
    let between = Gauge::default();
    let ended = cancelled_inside_out(CancellationToken::new(), between.clone()).await;
    assert_eq!(*ended.unwrap_err().cause(), CancelCause::Token);
    assert_eq!(between.all(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_group_opened_in_a_cancelled_scope_is_cancelled_and_ends_well() {
    let group = Group::builder().grace(Duration::from_secs(1)).open();
    let task = group.spawn(async {
        cancelled().await;
        let inner = Group::new();
        assert!(inner.is_cancelled());
        inner.launch(async { panic!("polled in a cancelled scope") });
        inner.join().await.unwrap();
        Group::new().join().await.unwrap();
        let mut empty = pin!(inner_of_nothing());
        poll!(&mut empty).is_ready()
    });
    settle().await;
    group.cancel();
    assert!(task.await.unwrap());
    group.join().await.unwrap();
}

#[task_group]
async fn inner_of_nothing() {}

#[tokio::test]
async fn cancelling_what_has_ended_says_nothing() {
    listen();
    let group = Group::builder().name("cancelled_after_its_end").open();
    group.launch(async {});
    let held = group.spawn(async { 7 });
    settle().await;
    group.cancel();
    group.join().await.unwrap();
    assert_eq!(held.await.unwrap(), 7);
    assert!(reports("cancelled_after_its_end").is_empty());
}

#[task_group]
async fn waits_for(never: oneshot::Receiver<()>, place: Place) {
    let _place = place;
    let _ = never.await;
}

#[tokio::test]
async fn what_awaits_a_foreign_future_is_cancelled_too() {
    let gauge = Gauge::default();
    let (_keep, never) = oneshot::channel();
    let (_keep_inner, never_inner) = oneshot::channel::<()>();
    let (mut _keep_std, never_std) = futures::channel::mpsc::channel::<()>(1);
    let (place, last) = (gauge.enter(), gauge.enter());
    let group = Group::new();
    group.launch(waits_for(never, gauge.enter()));
    group.launch(async move {
        let _place = place;
        let inner = Group::new();
        inner.launch(async { drop(never_inner.await) });
        inner.join().await.unwrap();
    });
    group.launch(async move {
        let _place = last;
        futures::StreamExt::collect::<Vec<()>>(never_std).await;
    });
    settle().await;
    assert_eq!(gauge.now(), 3);
    group.cancel();
    group.join().await.unwrap();
    assert_eq!(gauge.now(), 0);
}

#[task_group]
async fn fails() -> Result<(), BoxError> {
    tokio::spawn(async { Err::<(), BoxError>("a failure".into()) });
    pending().await
}

#[tokio::test]
async fn a_cancellation_is_over_with_its_scope() {
    let goes_on = async || {
        assert!(!is_cancelled());
        assert_eq!(rejoin::remaining(), None);
        assert_eq!(rejoin::spawn(async { 7 }).await.unwrap(), 7);
        yield_now().await;
    };
    own_scope_of_one(CancelCause::Token).await;
    goes_on().await;
    let token = CancellationToken::new();
    token.cancel();
    nests(token).await.unwrap_err();
    goes_on().await;
    fails().await.unwrap_err();
    goes_on().await;
}

async fn own_scope_of_one(cause: CancelCause) {
    let ended = cancels_itself(CancellationToken::new()).await;
    assert_eq!(*ended.unwrap_err().cause(), cause);
}

#[task_group(token = token)]
async fn nests(token: CancellationToken) -> Result<(), Cancelled> {
    own_scope_of_one(CancelCause::Token).await;
    pending().await
}

#[tokio::test]
async fn the_abort_of_a_host_is_never_swallowed() {
    for also_cancelled in [false, true] {
        let (token, gauge, passed) = (CancellationToken::new(), Gauge::default(), Gauge::default());
        let scope = own_scope(token.clone(), gauge.enter());
        let goes_on = passed.clone();
        let host = tokio::spawn(async move {
            let _ = scope.await;
            goes_on.enter();
        });
        settle().await;
        if also_cancelled {
            token.cancel();
        }
        host.abort();
        assert!(host.await.unwrap_err().is_cancelled());
        settle().await;
        assert_eq!((gauge.now(), passed.all()), (0, 0));
    }
}

#[tokio::test]
async fn aborting_one_task_does_not_cancel_its_scope() {
    let group = Group::new();
    let (tell, told) = oneshot::channel();
    let mut tell = Some(tell);
    let task = group.spawn(async move {
        let _cleanup = OnDrop(move || tell.take().unwrap().send(is_cancelled()).unwrap());
        pending::<()>().await;
    });
    settle().await;
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    assert!(!told.await.unwrap());
    assert!(!group.is_cancelled());
    group.join().await.unwrap();
}

#[tokio::test]
async fn a_task_spawned_into_a_cancelled_group_never_fails_it() {
    let group = Group::builder().grace(Duration::from_secs(1)).open();
    group.launch(async {
        cancelled().await;
        rejoin::spawn(async { panic!("polled in a cancelled group") })
            .await
            .map(|(): ()| ())
            .unwrap_err();
    });
    settle().await;
    group.cancel();
    group.launch(async { panic!("polled in a cancelled group") });
    group.join().await.unwrap();
}

/// Counts the polls of a future.
fn counted<F: Future>(
    polls: &Arc<AtomicUsize>,
    future: F,
) -> impl Future<Output = F::Output> + use<F> {
    let (polls, mut future) = (Arc::clone(polls), Box::pin(future));
    std::future::poll_fn(move |cx| {
        polls.fetch_add(1, Ordering::SeqCst);
        future.as_mut().poll(cx)
    })
}

#[task_group(grace = "1h")]
async fn waits_for_a_shield() {
    tokio::spawn(async { rejoin::shield(tokio::time::sleep(Duration::from_secs(1))).await });
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_group_does_not_spin_while_it_waits_for_a_shield() {
    let (inside, outside) = (Arc::default(), Arc::default());
    let group = Group::builder().grace(Duration::from_secs(3600)).open();
    group.launch(counted(&inside, waits_for_a_shield()));
    settle().await;
    let before = Instant::now();
    group.cancel();
    counted(&outside, group.join()).await.unwrap();
    assert_eq!(before.elapsed().as_secs(), 1, "it has waited");
    for polls in [inside, outside] {
        let polls = polls.load(Ordering::SeqCst);
        assert!((1..10).contains(&polls), "{polls} polls");
    }
}
