//! Failures: which one comes out, and that no other is lost.

use std::future::pending;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use rejoin::{CancelCause, Cancelled, PanicError, task_group};
use tokio::sync::oneshot;
use tokio::task::{AbortHandle, yield_now};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::super::support::{BoxError, Gauge, OnDrop, Place, settle};
use crate::common::{listen, reports, wait_for_report};

const TENTH: Duration = Duration::from_millis(100);

#[task_group]
async fn three_of_four_fail(gauge: Gauge, body_waits: bool) -> Result<(), BoxError> {
    for _ in 0..3 {
        let place = gauge.enter();
        tokio::spawn(async move {
            let _place = place;
            settle().await;
            Err::<(), BoxError>("one of three".into())
        });
    }
    let place = gauge.enter();
    tokio::spawn(async move {
        let _place = place;
        pending::<()>().await;
    });
    if body_waits {
        let _place = gauge.enter();
        return pending().await;
    }
    Ok(())
}

#[tokio::test]
async fn a_failing_task_stops_everyone_and_the_caller() {
    for body_waits in [false, true] {
        let (gauge, passed) = (Gauge::default(), Gauge::default());
        let runner = async {
            three_of_four_fail(gauge.clone(), body_waits).await?;
            passed.enter();
            Ok::<_, BoxError>(())
        };
        assert_eq!(runner.await.unwrap_err().to_string(), "one of three");
        assert_eq!(gauge.all(), 4 + usize::from(body_waits));
        assert_eq!((gauge.now(), passed.all()), (0, 0));
    }
}

#[task_group]
async fn breaks_in_its_cleanup(text: &'static str) {
    for _ in 0..5 {
        tokio::spawn(async move {
            let _cleanup = OnDrop(|| std::panic::panic_any(text));
            pending::<()>().await;
        });
    }
    pending::<()>().await;
}

#[task_group]
async fn around(text: &'static str, sibling: bool) {
    if sibling {
        tokio::spawn(pending::<()>());
    }
    breaks_in_its_cleanup(text).await;
}

#[tokio::test]
async fn failures_in_the_cleanup_of_an_aborted_host_are_reported() {
    listen();
    let alone = tokio::spawn(breaks_in_its_cleanup("cleanup, alone"));
    let nested = tokio::spawn(around("cleanup, nested", false));
    let beside = tokio::spawn(around("cleanup, beside another", true));
    settle().await;
    for (host, text) in [
        (alone, "cleanup, alone"),
        (nested, "cleanup, nested"),
        (beside, "cleanup, beside another"),
    ] {
        host.abort();
        assert!(host.await.unwrap_err().is_cancelled());
        settle().await;
        assert_eq!(reports(text).len(), 5, "each of {text}");
    }
}

#[task_group]
async fn fails_with_two_held(gauge: Gauge, wait: bool) -> Result<(), BoxError> {
    let mut held = Vec::new();
    for _ in 0..2 {
        let gauge = gauge.clone();
        held.push(tokio::spawn(async move {
            let _place = gauge.enter();
            pending::<()>().await;
        }));
    }
    if wait {
        settle().await;
    }
    Err("of the body".into())
}

#[tokio::test]
async fn a_failing_body_cancels_its_tasks_begun_or_not() {
    for wait in [false, true] {
        let gauge = Gauge::default();
        let error = fails_with_two_held(gauge.clone(), wait).await.unwrap_err();
        assert_eq!(error.to_string(), "of the body");
        let begun = if wait { 2 } else { 0 };
        assert_eq!((gauge.all(), gauge.now()), (begun, 0));
    }
}

#[task_group]
async fn fails_after(time: Duration) -> Result<(), BoxError> {
    tokio::spawn(async move {
        sleep(time).await;
        Err::<(), BoxError>(format!("after {time:?}").into())
    });
    Ok(())
}

#[task_group]
async fn fails_around(outer: Duration, inner: Duration) -> Result<(), BoxError> {
    tokio::spawn(async move {
        sleep(outer).await;
        Err::<(), BoxError>("of the outer group".into())
    });
    fails_after(inner).await
}

#[tokio::test(start_paused = true)]
async fn of_nested_groups_the_first_failure_ends_both() {
    let before = Instant::now();
    let error = fails_around(TENTH, 100 * TENTH).await.unwrap_err();
    assert_eq!(error.to_string(), "of the outer group");
    let error = fails_around(100 * TENTH, TENTH).await.unwrap_err();
    assert_eq!(error.to_string(), "after 100ms");
    assert_eq!(before.elapsed().as_millis(), 200);
}

#[task_group(token = token, grace = "1h")]
async fn crashes_while_it_is_cancelled(
    token: CancellationToken,
    text: &'static str,
) -> Result<(), Cancelled> {
    tokio::spawn(async move {
        sleep(3 * TENTH).await;
        if rejoin::is_cancelled() {
            std::panic::panic_any(text);
        }
    });
    let _cleanup = OnDrop(|| drop(rejoin::shield(sleep(5 * TENTH))));
    pending().await
}

#[tokio::test(start_paused = true)]
async fn a_crash_while_a_cancelled_group_ends_is_reported_and_the_cause_returned() {
    listen();
    for (text, by_a_task_between) in [("crash below", false), ("crash further below", true)] {
        let (before, token) = (Instant::now(), CancellationToken::new());
        let group = crashes_while_it_is_cancelled(token.clone(), text);
        let host = if by_a_task_between {
            tokio::spawn(async { tokio::spawn(group).await.unwrap() })
        } else {
            tokio::spawn(group)
        };
        sleep(TENTH).await;
        token.cancel();
        let cancelled = host.await.unwrap().unwrap_err();
        assert_eq!(*cancelled.cause(), CancelCause::Token);
        assert_eq!(wait_for_report(text).get("kind"), "panic");
        // The crash after 300 ms, and the shielded cleanup from 100 ms on for 500.
        assert_eq!(before.elapsed().as_millis().next_multiple_of(10), 600);
    }
}

#[task_group]
async fn has_a_bad_cleanup() {
    let _cleanup = OnDrop(|| std::panic::panic_any("a bad cleanup"));
    pending::<()>().await;
}

#[tokio::test]
async fn a_cleanup_that_fails_as_its_host_is_aborted_goes_to_the_handle() {
    let host = tokio::spawn(has_a_bad_cleanup());
    settle().await;
    host.abort();
    let panic = host.await.unwrap_err().into_panic();
    assert_eq!(panic.downcast_ref(), Some(&"a bad cleanup"));
}

#[task_group]
async fn fails_with_a_bad_cleanup() -> Result<(), BoxError> {
    tokio::spawn(async {
        settle().await;
        Err::<(), BoxError>("of the task".into())
    });
    let _cleanup = OnDrop(|| std::panic::panic_any("cleanup after an error"));
    pending().await
}

#[tokio::test]
async fn a_cleanup_that_fails_after_the_error_of_a_task_is_reported_beside_it() {
    listen();
    let error = fails_with_a_bad_cleanup().await.unwrap_err();
    assert_eq!(error.to_string(), "of the task");
    let report = wait_for_report("cleanup after an error");
    assert_eq!(report.get("kind"), "panic");
    assert!(!rejoin::is_cancelled());
}

#[task_group(grace = "1h")]
async fn panics_and_fails() -> Result<(), BoxError> {
    tokio::spawn(async {
        rejoin::cancelled().await;
        Err::<(), BoxError>("error after a panic".into())
    });
    settle().await;
    tokio::spawn(async { panic!("the cause of an error") });
    pending().await
}

#[tokio::test(start_paused = true)]
async fn a_panic_is_returned_and_the_error_that_follows_it_reported() {
    listen();
    let error = panics_and_fails().await.unwrap_err();
    let panic = error.downcast_ref::<PanicError>().unwrap();
    assert_eq!(panic.message(), "the cause of an error");
    assert_eq!(wait_for_report("error after a panic").get("kind"), "error");
}

#[task_group]
async fn catches_an_inner_failure(caught: Gauge) -> Result<(), BoxError> {
    let (fail, fails) = oneshot::channel();
    tokio::spawn(async move {
        fails.await?;
        Err::<(), BoxError>("of the outer group".into())
    });
    let inner = fails_after(Duration::ZERO).await;
    assert_eq!(inner.unwrap_err().to_string(), "after 0ns");
    caught.enter();
    fail.send(()).unwrap();
    pending().await
}

#[tokio::test(start_paused = true)]
async fn an_inner_failure_that_is_caught_does_not_hide_the_outer_one() {
    let caught = Gauge::default();
    let error = catches_an_inner_failure(caught.clone()).await.unwrap_err();
    assert_eq!(error.to_string(), "of the outer group");
    assert_eq!(caught.all(), 1);
    yield_now().await;
    assert!(!rejoin::is_cancelled());
}

/// How the host of a failing task is stopped in the moment in which that fails.
#[derive(Clone, Debug)]
enum Stop {
    Token(CancellationToken),
    Abort(Arc<OnceLock<AbortHandle>>),
}

impl Stop {
    fn stop(&self) {
        match self {
            Self::Token(token) => token.cancel(),
            Self::Abort(handle) => handle.get().unwrap().abort(),
        }
    }
}

#[task_group]
async fn fails_as_its_host_is_stopped(stop: Stop, text: &'static str) -> Result<(), BoxError> {
    tokio::spawn(async move {
        settle().await;
        stop.stop();
        Err::<(), BoxError>(text.into())
    });
    pending().await
}

#[task_group(token = token)]
async fn host(
    token: CancellationToken,
    stop: Stop,
    text: &'static str,
    passed: Place,
) -> Result<(), Cancelled> {
    let _ = fails_as_its_host_is_stopped(stop, text).await;
    pending::<()>().await;
    drop(passed);
    Ok(())
}

#[tokio::test]
async fn of_an_error_and_an_outer_cancel_at_the_same_time_neither_is_lost() {
    listen();
    let (token, passed) = (CancellationToken::new(), Gauge::default());
    let (text, stop) = ("an error beside a token", Stop::Token(token.clone()));
    let stopped = host(token, stop, text, passed.enter()).await;
    assert_eq!(*stopped.unwrap_err().cause(), CancelCause::Token);
    assert_eq!(wait_for_report(text).get("kind"), "error");

    let (text, handle) = ("an error beside an abort", Arc::default());
    let stop = Stop::Abort(Arc::clone(&handle));
    let aborted = tokio::spawn(host(CancellationToken::new(), stop, text, passed.enter()));
    handle.set(aborted.abort_handle()).unwrap();
    assert!(aborted.await.unwrap_err().is_cancelled());
    assert_eq!(wait_for_report(text).get("kind"), "error");
    assert_eq!((passed.all(), passed.now()), (2, 0));
}

#[tokio::test]
async fn no_cancel_is_left_over_after_the_exit() {
    fails_after(Duration::ZERO).await.unwrap_err();
    assert!(!rejoin::is_cancelled());
    yield_now().await;
    let after = rejoin::spawn(async { !rejoin::is_cancelled() });
    assert!(after.await.unwrap());
}
