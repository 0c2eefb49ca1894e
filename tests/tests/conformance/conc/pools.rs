//! `conc/pool`: limits, errors, and what cancels whom.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rejoin::{CancelCause, Cancelled, DeadlineExceeded, Errors, OnFailure, PanicError, TaskGroup};
use rejoin::{TaskGroupBuilder, task_group};
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use super::super::support::{BoxError, Gauge, Narrow, settle, unwinds};
use crate::common::{listen, wait_for_report};

#[task_group(limit = limit)]
async fn limited(limit: usize, tasks: usize, gauge: &Gauge) {
    for _ in 0..tasks {
        let gauge = gauge.clone();
        tokio::spawn(async move {
            let _place = gauge.enter();
            tokio::task::yield_now().await;
        });
    }
}

async fn never_more_than(limit: usize) {
    let gauge = Gauge::default();
    limited(limit, 10 * limit, &gauge).await;
    assert_eq!((gauge.all(), gauge.now()), (10 * limit, 0));
    assert!(gauge.most() <= limit, "{}", gauge.most());

    // A body that does not await a place has its tasks wait for theirs.
    let gauge = Gauge::default();
    let group = TaskGroup::<BoxError>::builder().limit(limit).open();
    for _ in 0..10 * limit {
        let gauge = gauge.clone();
        group.launch(async move {
            let _place = gauge.enter();
            tokio::task::yield_now().await;
        });
    }
    group.join().await.unwrap();
    assert_eq!((gauge.all(), gauge.now()), (10 * limit, 0));
    assert!(gauge.most() <= limit, "{}", gauge.most());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn never_more_than_one_under_a_limit_of_one() {
    never_more_than(1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn never_more_than_ten_under_a_limit_of_ten() {
    never_more_than(10).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn never_more_than_a_hundred_under_a_limit_of_a_hundred() {
    never_more_than(100).await;
}

#[task_group(on_failure = "collect", limit = 2)]
async fn ten_panics() -> Result<(), Errors<PanicError>> {
    for _ in 0..10 {
        tokio::spawn(async { panic!("42") });
    }
    Ok(())
}

#[tokio::test]
async fn panics_do_not_use_up_places() {
    let errors = ten_panics().await.unwrap_err();
    assert!(errors.iter().all(|panic| panic.message() == "42"));
    assert_eq!(errors.len(), 10);
}

#[tokio::test]
async fn a_second_group_knows_nothing_of_the_first() {
    let builder: TaskGroupBuilder<BoxError> = TaskGroup::builder().limit(999);
    let count = Arc::new(AtomicUsize::new(0));
    for (error, until) in [("1", 10), ("2", 20)] {
        let group = builder.clone().open();
        for _ in 0..10 {
            let count = Arc::clone(&count);
            group.launch(async move {
                count.fetch_add(1, Ordering::SeqCst);
            });
        }
        group.launch(async move { Err::<(), _>(error) });
        assert_eq!(group.join().await.unwrap_err().to_string(), error);
        assert_eq!(count.load(Ordering::SeqCst), until);
    }
}

#[task_group(on_failure = "collect")]
async fn collects(outcomes: &[Result<(), &'static str>]) -> Result<(), Errors<Narrow>> {
    for &outcome in outcomes {
        tokio::spawn(async move { outcome });
    }
    Ok(())
}

#[tokio::test]
async fn without_errors_none_is_returned() {
    collects(&[Ok(())]).await.unwrap();
}

#[tokio::test]
async fn the_error_of_a_task_is_returned() {
    let errors = collects(&[Err("1")]).await.unwrap_err();
    assert_eq!(errors.into_vec(), [Narrow("1")]);
}

#[tokio::test]
async fn every_error_is_returned() {
    let outcomes = [Err("1"), Ok(()), Err("2")];
    let errors = collects(&outcomes).await.unwrap_err();
    assert_eq!(errors.into_vec(), [Narrow("1"), Narrow("2")]);
}

#[task_group(on_failure = "collect")]
async fn one_of_ten_panics() -> Result<(), Errors<Narrow>> {
    for i in 0..10 {
        tokio::spawn(async move { assert!(i != 5, "fatal") });
    }
    Ok(())
}

#[tokio::test]
async fn a_panic_goes_on_where_the_errors_cannot_hold_it() {
    assert_eq!(unwinds(one_of_ten_panics()).await, "fatal");
}

#[task_group(on_failure = "collect")]
async fn error_panic_error() -> Result<(), Errors<io::Error>> {
    tokio::spawn(async { Err::<(), _>(io::Error::other("1")) });
    tokio::spawn(async { panic!("fatal") });
    tokio::spawn(async { Err::<(), _>(io::Error::other("2")) });
    Ok(())
}

#[task_group(on_failure = "collect")]
async fn error_beside_a_panic_that_goes_on() -> Result<(), Errors<Narrow>> {
    tokio::spawn(async { Err::<(), _>("the error beside a panic") });
    tokio::spawn(async { panic!("fatal") });
    Ok(())
}

#[tokio::test]
async fn a_panic_does_not_discard_the_errors_of_others() {
    let errors = error_panic_error().await.unwrap_err();
    assert_eq!(errors.len(), 3);
    let texts: Vec<_> = errors.iter().map(ToString::to_string).collect();
    assert_eq!([&texts[0], &texts[2]], ["1", "2"]);
    assert!(texts[1].contains("fatal"), "{texts:?}");

    listen();
    assert_eq!(unwinds(error_beside_a_panic_that_goes_on()).await, "fatal");
    // Nobody can be given it: it is told.
    wait_for_report("the error beside a panic");
}

/// Says all that a group can say.
#[derive(Debug, PartialEq)]
enum Said {
    Text(&'static str),
    Cancelled(CancelCause),
    Deadline(Duration),
}

impl From<&'static str> for Said {
    fn from(text: &'static str) -> Self {
        Self::Text(text)
    }
}
impl From<Cancelled> for Said {
    fn from(cancelled: Cancelled) -> Self {
        Self::Cancelled(cancelled.cause().clone())
    }
}
impl From<DeadlineExceeded> for Said {
    fn from(exceeded: DeadlineExceeded) -> Self {
        Self::Deadline(exceeded.after())
    }
}

#[task_group(token = token, grace = "1m")]
async fn until_cancelled(
    token: CancellationToken,
    cause: oneshot::Sender<CancelCause>,
) -> Result<(), Said> {
    tokio::spawn(async move {
        cause.send(rejoin::cancelled().await).unwrap();
    });
    std::future::pending().await
}

#[tokio::test]
async fn a_cancelled_token_is_seen_by_tasks_and_returned() {
    let token = CancellationToken::new();
    let (tell, told) = oneshot::channel();
    let group = tokio::spawn(until_cancelled(token.clone(), tell));
    settle().await;
    token.cancel();
    let error = group.await.unwrap().unwrap_err();
    assert_eq!(error, Said::Cancelled(CancelCause::Token));
    assert_eq!(told.await.unwrap(), CancelCause::Token);
}

#[task_group(deadline = "1s", grace = "1m")]
async fn until_its_deadline(cause: oneshot::Sender<CancelCause>) -> Result<(), Said> {
    tokio::spawn(async move {
        cause.send(rejoin::cancelled().await).unwrap();
    });
    std::future::pending().await
}

#[tokio::test(start_paused = true)]
async fn a_deadline_is_seen_by_tasks_and_returned() {
    let (tell, told) = oneshot::channel();
    let error = until_its_deadline(tell).await.unwrap_err();
    assert_eq!(error, Said::Deadline(Duration::from_secs(1)));
    assert_eq!(told.await.unwrap(), CancelCause::Deadline);
}

#[task_group(deadline = "1s")]
async fn before_its_deadline() -> Result<(), Said> {
    tokio::spawn(tokio::time::sleep(Duration::from_millis(999)));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_group_that_ends_before_its_deadline_returns_no_error() {
    before_its_deadline().await.unwrap();
}

#[task_group(grace = "1m")]
async fn error_of_a_cancelled_sibling() -> Result<(), BoxError> {
    tokio::spawn(async {
        let cause = rejoin::cancelled().await;
        Err::<(), _>(format!("told to stop, since {cause}"))
    });
    tokio::spawn(async { Err::<(), _>("the cause of it all") });
    Ok(())
}

#[tokio::test]
async fn the_error_of_a_cancelled_sibling_is_reported_and_not_returned() {
    listen();
    let error = error_of_a_cancelled_sibling().await.unwrap_err();
    assert_eq!(error.to_string(), "the cause of it all");
    wait_for_report("told to stop, since");
}

#[task_group(on_failure = "collect")]
async fn not_cancelled(went_on: oneshot::Sender<bool>) -> Result<(), Errors<Narrow>> {
    let (failed, failure) = oneshot::channel::<()>();
    tokio::spawn(async move {
        failure.await.unwrap_err();
        // The error beside it is recorded by now.
        settle().await;
        went_on.send(!rejoin::is_cancelled()).unwrap();
    });
    tokio::spawn(async move {
        drop(failed);
        Err::<(), _>("1")
    });
    Ok(())
}

#[tokio::test]
async fn without_fail_fast_an_error_cancels_nobody() {
    let (tell, told) = oneshot::channel();
    let errors = not_cancelled(tell).await.unwrap_err();
    assert_eq!(errors.into_vec(), [Narrow("1")]);
    assert!(told.await.unwrap());
}

/// The second of two tasks fails first, the first one some time after it.
fn fails_in_reverse(group: &TaskGroup<BoxError>) {
    let (failed, failure) = oneshot::channel::<()>();
    group.launch(async move {
        failure.await.unwrap_err();
        settle().await;
        Err::<(), _>("spawned first")
    });
    group.launch(async move {
        drop(failed);
        Err::<(), _>("failed first")
    });
}

#[tokio::test]
async fn the_first_error_is_the_first_in_time_and_where_all_are_collected_the_first_spawned() {
    let grace = Duration::from_secs(60);
    let builder = TaskGroup::builder().grace(grace);
    let group = builder.clone().open();
    fails_in_reverse(&group);
    assert_eq!(group.join().await.unwrap_err().to_string(), "failed first");

    let builder = builder.on_failure(OnFailure::Collect);
    let group = builder.clone().open();
    fails_in_reverse(&group);
    assert_eq!(group.join().await.unwrap_err().to_string(), "spawned first");
    let group = builder.open();
    fails_in_reverse(&group);
    let errors = group.join_all().await.unwrap_err();
    assert_eq!(errors.to_string(), "2 errors: spawned first; failed first");
}

#[task_group(grace = "1m")]
async fn fails_fast() -> Result<(), BoxError> {
    for _ in 0..3 {
        tokio::spawn(async {
            rejoin::cancelled().await;
            Err::<(), _>("an error that the cancellation caused")
        });
    }
    tokio::spawn(async { Err::<(), _>("the trigger") });
    rejoin::cancelled().await;
    Err("the body's own")?
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_error_that_triggered_the_cancel_is_recorded_before_it() {
    for _ in 0..100 {
        assert_eq!(fails_fast().await.unwrap_err().to_string(), "the trigger");
    }
}

#[task_group(grace = "1m")]
async fn panics_among(cancelled: Gauge) -> Result<(), Narrow> {
    for _ in 0..2 {
        let cancelled = cancelled.clone();
        tokio::spawn(async move {
            rejoin::cancelled().await;
            cancelled.enter();
        });
    }
    tokio::spawn(async { panic!("abort!") });
    Ok(())
}

#[tokio::test]
async fn a_panic_cancels_the_others_and_then_goes_on() {
    let cancelled = Gauge::default();
    assert_eq!(unwinds(panics_among(cancelled.clone())).await, "abort!");
    assert_eq!(cancelled.all(), 2);
}
