//! Deadlines, which are `fail_after` on a function whose error takes one, and `move_on_after` on an explicit group.

use std::future::pending;
use std::time::Duration;

use rejoin::{CancelCause, Cancelled, DeadlineExceeded, PanicError, TaskGroup, task_group};
use tokio::time::{Instant, advance, sleep};
use tokio_util::sync::CancellationToken;

use super::super::support::{BoxError, Gauge, Place, settle};

const SECOND: Duration = Duration::from_secs(1);

#[task_group(deadline = after)]
async fn fails_after(
    after: Duration,
    takes: Duration,
    body: Place,
) -> Result<Option<Duration>, DeadlineExceeded> {
    let _body = body;
    tokio::spawn(sleep(takes));
    let left = rejoin::remaining();
    sleep(takes).await;
    Ok(left)
}

#[tokio::test(start_paused = true)]
async fn at_its_deadline_a_function_returns_the_error() {
    for after in [Duration::ZERO, SECOND] {
        let (before, gauge) = (Instant::now(), Gauge::default());
        let exceeded = fails_after(after, 9 * SECOND, gauge.enter()).await;
        assert_eq!(exceeded.unwrap_err().after(), after);
        assert_eq!(before.elapsed().as_secs(), after.as_secs());
        assert_eq!(gauge.now(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn the_longest_time_is_no_deadline() {
    let place = Gauge::default().enter();
    let left = fails_after(Duration::MAX, SECOND, place).await;
    assert!(left.unwrap().is_none_or(|left| left > 1_000_000 * SECOND));
    let group = TaskGroup::<BoxError>::builder()
        .deadline(Duration::MAX)
        .open();
    let task = group.spawn(async {
        sleep(SECOND).await;
        7
    });
    assert_eq!(task.await.unwrap(), 7);
    assert!(!group.is_cancelled());
    group.join().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn after_a_cancelled_group_a_deadline_comes_as_ever() {
    let group = TaskGroup::<BoxError>::new();
    group.launch(pending::<()>());
    group.cancel();
    group.join().await.unwrap();
    let exceeded = fails_after(SECOND, 9 * SECOND, Gauge::default().enter()).await;
    assert_eq!(exceeded, Err(DeadlineExceeded::new(SECOND)));
}

#[tokio::test(start_paused = true)]
async fn what_comes_after_a_deadline_is_not_touched_by_it() {
    let exceeded = fails_after(SECOND, 9 * SECOND, Gauge::default().enter()).await;
    exceeded.unwrap_err();
    let before = Instant::now();
    assert!(!rejoin::is_cancelled());
    sleep(9 * SECOND).await;
    assert_eq!(before.elapsed().as_secs(), 9);
}

/// What a function can be stopped by.
#[derive(Debug, PartialEq)]
enum Stopped {
    Cancelled(CancelCause),
    Deadline(String),
    Panicked,
}

impl From<Cancelled> for Stopped {
    fn from(cancelled: Cancelled) -> Self {
        Self::Cancelled(cancelled.cause().clone())
    }
}

impl From<DeadlineExceeded> for Stopped {
    fn from(exceeded: DeadlineExceeded) -> Self {
        Self::Deadline(format!("too slow for {:?}", exceeded.after()))
    }
}

impl From<PanicError> for Stopped {
    fn from(_: PanicError) -> Self {
        Self::Panicked
    }
}

#[task_group(deadline = "1s", token = token.clone())]
async fn either(token: CancellationToken, cancels: bool, waits: Duration) -> Result<(), Stopped> {
    tokio::spawn(pending::<()>());
    if cancels {
        token.cancel();
    }
    advance(waits).await;
    pending().await
}

#[tokio::test(start_paused = true)]
async fn a_cancellation_before_the_deadline_is_not_called_one() {
    let before = Instant::now();
    let stopped = either(CancellationToken::new(), true, Duration::ZERO).await;
    assert_eq!(stopped, Err(Stopped::Cancelled(CancelCause::Token)));
    assert_eq!(before.elapsed().as_secs(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_deadline_that_passes_after_the_cancellation_does_not_replace_it() {
    let stopped = either(CancellationToken::new(), true, 2 * SECOND).await;
    assert_eq!(stopped, Err(Stopped::Cancelled(CancelCause::Token)));

    let group = TaskGroup::<BoxError>::builder()
        .deadline(SECOND)
        .grace(9 * SECOND)
        .open();
    let told = group.spawn(async {
        sleep(2 * SECOND).await;
        rejoin::cancelled().await
    });
    settle().await;
    group.cancel();
    assert_eq!(told.await.unwrap(), CancelCause::Requested);
    group.join().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_error_type_can_say_it_in_its_own_words() {
    let stopped = either(CancellationToken::new(), false, Duration::ZERO).await;
    let words = "too slow for 1s".to_owned();
    assert_eq!(stopped, Err(Stopped::Deadline(words)));
}

#[tokio::test(start_paused = true)]
async fn an_explicit_group_moves_on_at_its_deadline() {
    for after in [Duration::ZERO, SECOND] {
        let before = Instant::now();
        let group = TaskGroup::<BoxError>::builder().deadline(after).open();
        let task = group.spawn(sleep(9 * SECOND));
        assert_eq!(group.cancelled().await, CancelCause::Deadline);
        let late = group.join().await.unwrap_err();
        assert!(late.is::<DeadlineExceeded>(), "{late}");
        assert!(task.await.unwrap_err().is_cancelled());
        assert_eq!(before.elapsed().as_secs(), after.as_secs());
    }
}

#[task_group(deadline = "60s")]
async fn patient(left: &mut Option<Duration>) -> Result<(), Stopped> {
    *left = rejoin::remaining();
    tokio::spawn(pending::<()>());
    pending().await
}

#[task_group(deadline = "1s")]
async fn impatient(left: &mut Option<Duration>, passed: Gauge) -> Result<(), Stopped> {
    assert_eq!(rejoin::remaining(), Some(SECOND));
    let _ = patient(left).await;
    passed.enter();
    pending().await
}

#[tokio::test(start_paused = true)]
async fn the_nearest_deadline_counts() {
    let (before, mut left, passed) = (Instant::now(), None, Gauge::default());
    let stopped = impatient(&mut left, passed.clone()).await;
    assert_eq!(
        stopped,
        Err(Stopped::Deadline("too slow for 1s".to_owned()))
    );
    assert_eq!(left, Some(SECOND));
    assert_eq!(before.elapsed().as_secs(), 1);
    assert_eq!(passed.all(), 0);
}

#[task_group(deadline = at.saturating_duration_since(Instant::now()))]
async fn fails_at(at: Instant) -> Result<(), DeadlineExceeded> {
    sleep(9 * SECOND).await;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_deadline_may_be_a_point_in_time() {
    for at in [Instant::now(), Instant::now() + SECOND] {
        fails_at(at).await.unwrap_err();
        assert_eq!(at.elapsed().as_secs(), 0, "not later");
        assert!(Instant::now() >= at, "not earlier");
    }
}

#[task_group(deadline = "9s")]
async fn tightens() -> Result<Result<(), DeadlineExceeded>, DeadlineExceeded> {
    let before = Instant::now();
    let tighter = fails_at(before + SECOND).await;
    assert_eq!(before.elapsed().as_secs(), 1);
    let left = rejoin::remaining().unwrap();
    assert_eq!(left.as_millis().div_ceil(1000), 8);
    Ok(tighter)
}

#[tokio::test(start_paused = true)]
async fn a_deadline_is_changed_by_a_shorter_one_inside() {
    assert!(tightens().await.unwrap().is_err());
}

#[task_group(deadline = "1s")]
async fn over_a_group(gauge: Gauge) -> Result<(), BoxError> {
    let group = TaskGroup::<BoxError>::new();
    for _ in 0..3 {
        let place = gauge.enter();
        group.launch(async move {
            let _place = place;
            sleep(9 * SECOND).await;
        });
    }
    sleep(9 * SECOND).await;
    group.join().await
}

#[tokio::test(start_paused = true)]
async fn a_deadline_over_many_cancelled_tasks_is_one_error() {
    let gauge = Gauge::default();
    let error = over_a_group(gauge.clone()).await.unwrap_err();
    assert!(error.is::<DeadlineExceeded>(), "{error}");
    assert_eq!((gauge.all(), gauge.now()), (3, 0));
}

#[task_group(token = token)]
async fn stopped_around(token: CancellationToken, passed: Gauge) -> Result<(), Cancelled> {
    let place = passed.enter();
    let _ = fails_after(SECOND, 9 * SECOND, place).await;
    passed.enter();
    pending().await
}

#[tokio::test(start_paused = true)]
async fn a_scope_cancelled_around_a_deadline_lets_nobody_past() {
    let (token, passed, before) = (CancellationToken::new(), Gauge::default(), Instant::now());
    let running = tokio::spawn(stopped_around(token.clone(), passed.clone()));
    settle().await;
    token.cancel();
    let cause = running.await.unwrap().unwrap_err();
    assert_eq!(*cause.cause(), CancelCause::Token);
    assert_eq!(before.elapsed(), Duration::ZERO);
    assert_eq!((passed.all(), passed.now()), (1, 0));
}
