//! Cancelled from outside: deadlines (G9), tokens (G10), and what the function makes of it (G7).

mod common;

use std::future::pending;
use std::time::Duration;

use common::{Error, Gauge, GroupId, Narrow, Options, group, launch, launch_in, settle};
use rejoin::{CancelCause, Cancelled, DeadlineExceeded, TaskGroup, cancelled, is_cancelled};
use tokio::sync::oneshot;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

static FUNCTION: GroupId = GroupId::new("outside");
static INNER: GroupId = GroupId::new("inner");

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test(start_paused = true)]
async fn at_the_deadline_the_function_returns_it() {
    let start = Instant::now();
    let gauge = Gauge::default();
    let (body, task) = (gauge.enter(), gauge.enter());
    let options = Options::new().deadline(2 * SECOND);
    let outcome = group!(FUNCTION -> Result<(), Error>, options, async move {
        let _body = body;
        launch!(async move {
            let _task = task;
            pending::<()>().await;
        });
        pending().await
    })
    .await;
    assert_eq!(outcome, Err(Error::Deadline(2 * SECOND)));
    assert_eq!(start.elapsed().as_secs(), 2);
    assert_eq!(gauge.now(), 0);
}

#[tokio::test(start_paused = true)]
async fn the_deadline_covers_the_wait_for_the_tasks() {
    let options = Options::new().deadline(2 * SECOND);
    let outcome = group!(FUNCTION -> Result<(), Error>, options, async {
        launch!(pending::<()>());
        Ok(())
    });
    assert_eq!(outcome.await, Err(Error::Deadline(2 * SECOND)));
}

#[tokio::test(start_paused = true)]
async fn a_function_that_ends_in_time_is_not_touched_by_its_deadline() {
    let options = Options::new().deadline(2 * SECOND);
    let outcome = group!(FUNCTION -> Result<u8, Error>, options, async {
        launch!(tokio::time::sleep(SECOND));
        Ok(1)
    });
    assert_eq!(outcome.await, Ok(1));
}

#[tokio::test(start_paused = true)]
async fn tasks_see_the_deadline_as_the_cause() {
    let (sender, seen) = oneshot::channel();
    let options = Options::new().deadline(SECOND).grace(SECOND);
    let outcome = group!(FUNCTION -> Result<(), Error>, options, async {
        launch!(async move { sender.send(cancelled().await).unwrap() });
        pending().await
    });
    assert_eq!(outcome.await, Err(Error::Deadline(SECOND)));
    assert_eq!(seen.await.unwrap(), CancelCause::Deadline);
}

fn seconds_left() -> u128 {
    rejoin::remaining().unwrap().as_millis().div_ceil(1000)
}

#[tokio::test(start_paused = true)]
async fn the_deadline_tells_how_much_time_is_left() {
    assert_eq!(rejoin::remaining(), None);
    let options = Options::new().deadline(3 * SECOND);
    let outcome = group!(FUNCTION -> Result<(), Error>, options, async {
        assert_eq!(rejoin::remaining(), Some(3 * SECOND));
        tokio::time::sleep(SECOND).await;
        assert_eq!(seconds_left(), 2);
        launch!(async {
            assert_eq!(seconds_left(), 2);
        });
        Ok(())
    });
    assert_eq!(outcome.await, Ok(()));
}

#[tokio::test(start_paused = true)]
async fn a_nested_deadline_never_extends_the_outer_one() {
    let start = Instant::now();
    let options = Options::new().deadline(SECOND);
    let outcome = group!(FUNCTION -> Result<(), Error>, options, async {
        let options = Options::new().deadline(60 * SECOND);
        group!(INNER -> Result<(), Error>, options, async {
            assert_eq!(rejoin::remaining(), Some(SECOND));
            launch!(pending::<()>());
            pending().await
        })
        .await
    });
    assert_eq!(outcome.await, Err(Error::Deadline(SECOND)));
    assert_eq!(start.elapsed().as_secs(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_nested_deadline_may_be_shorter() {
    let options = Options::new().deadline(60 * SECOND);
    let outcome = group!(FUNCTION -> Result<u8, Error>, options, async {
        let options = Options::new().deadline(SECOND);
        let inner = group!(INNER -> Result<u8, Error>, options, async {
            assert_eq!(rejoin::remaining(), Some(SECOND));
            pending().await
        });
        assert_eq!(inner.await, Err(Error::Deadline(SECOND)));
        assert!(!is_cancelled());
        Ok(1)
    });
    assert_eq!(outcome.await, Ok(1));
}

#[tokio::test(start_paused = true)]
async fn the_deadline_of_the_caller_is_not_called_its_own_by_a_nested_group() {
    // The inner function was given a minute and has used a second: to say "the deadline of 60s has passed" is wrong.
    let (sender, returned) = oneshot::channel();
    let options = Options::new().deadline(SECOND).grace(SECOND);
    let outcome = group!(FUNCTION -> Result<(), Error>, options, async {
        launch!(async move {
            let options = Options::new().deadline(60 * SECOND);
            let inner = group!(INNER -> Result<(), Error>, options, async { pending().await });
            sender.send(inner.await).unwrap();
        });
        pending().await
    });
    assert_eq!(outcome.await, Err(Error::Deadline(SECOND)));
    assert_eq!(
        returned.await.unwrap(),
        Err(Error::Cancelled(CancelCause::Deadline))
    );
}

#[tokio::test(start_paused = true)]
async fn a_deadline_beyond_what_the_clock_can_tell_never_comes() {
    let options = Options::new().deadline(Duration::MAX);
    let outcome = group!(FUNCTION -> Result<u8, Error>, options, async {
        launch!(tokio::time::sleep(SECOND));
        Ok(1)
    });
    assert_eq!(outcome.await, Ok(1));
}

#[tokio::test(start_paused = true)]
async fn a_failure_before_the_deadline_is_the_failure() {
    let options = Options::new().deadline(SECOND).grace(60 * SECOND);
    let outcome = group!(FUNCTION -> Result<(), Error>, options, async {
        launch!(async {
            cancelled().await;
            tokio::time::sleep(30 * SECOND).await; // past the deadline
        });
        launch_in!(FUNCTION, async { Err::<(), _>("failure") });
        pending().await
    });
    assert_eq!(outcome.await, Err(Error::Text("failure")));
}

#[tokio::test(start_paused = true)]
async fn an_error_that_the_deadline_caused_does_not_hide_it() {
    let (log, _guard) = common::log::Log::here();
    let options = Options::new().deadline(SECOND).grace(SECOND);
    let outcome = group!(FUNCTION -> Result<(), Error>, options, async {
        launch_in!(FUNCTION, async {
            cancelled().await;
            Err::<(), _>("interrupted")
        });
        pending().await
    });
    assert_eq!(outcome.await, Err(Error::Deadline(SECOND)));
    assert_eq!(log.lines(), ["error: interrupted"]);
}

#[tokio::test(start_paused = true)]
async fn the_explicit_group_has_a_deadline() {
    let start = Instant::now();
    let group = TaskGroup::<std::io::Error>::builder()
        .deadline(SECOND)
        .open();
    let task = group.spawn(pending::<()>());
    assert_eq!(group.cancelled().await, CancelCause::Deadline);
    assert!(task.await.unwrap_err().is_cancelled());
    let late = group.join().await.unwrap_err();
    assert_eq!(late.kind(), std::io::ErrorKind::TimedOut);
    assert_eq!(start.elapsed().as_secs(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_error_that_the_deadline_of_an_explicit_group_has_caused_does_not_hide_it() {
    let (log, _guard) = common::log::Log::here();
    let group = TaskGroup::<std::io::Error>::builder()
        .deadline(SECOND)
        .grace(SECOND)
        .open();
    group.launch(async {
        rejoin::cancelled().await;
        Err::<(), _>(std::io::Error::other("interrupted"))
    });
    let late = group.join().await.unwrap_err();
    assert_eq!(late.kind(), std::io::ErrorKind::TimedOut);
    assert_eq!(log.lines().len(), 1, "{:?}", log.lines());
    assert!(log.lines()[0].contains("interrupted"));
}

#[tokio::test(start_paused = true)]
async fn an_explicit_group_that_has_failed_before_its_deadline_says_why() {
    let group = TaskGroup::<std::io::Error>::builder()
        .deadline(SECOND)
        .open();
    group.launch(async { Err::<(), _>(std::io::Error::other("first")) });
    group.cancelled().await;
    tokio::time::sleep(2 * SECOND).await;
    assert_eq!(group.join().await.unwrap_err().to_string(), "first");
}

#[tokio::test(start_paused = true)]
async fn an_explicit_group_that_collects_tells_of_its_deadline_beside_the_failures() {
    let group = TaskGroup::<std::io::Error>::builder()
        .deadline(SECOND)
        .on_failure(rejoin::OnFailure::Collect)
        .open();
    group.launch(async { Err::<(), _>(std::io::Error::other("first")) });
    group.launch(pending::<()>());
    let errors = group.join_all().await.unwrap_err();
    let told: Vec<_> = errors.iter().map(std::io::Error::kind).collect();
    assert_eq!(
        told,
        [std::io::ErrorKind::TimedOut, std::io::ErrorKind::Other]
    );
}

#[tokio::test]
async fn a_function_that_can_say_cancelled_drops_its_body_and_says_it() {
    let token = CancellationToken::new();
    let gauge = Gauge::default();
    let (body, task) = (gauge.enter(), gauge.enter());
    let options = Options::new().token(token.clone());
    let group = group!(FUNCTION -> Result<(), Error>, options, async move {
        let _body = body;
        launch!(async move {
            let _task = task;
            pending::<()>().await;
        });
        pending().await
    });
    let group = tokio::spawn(group);
    settle().await;
    token.cancel();
    assert_eq!(
        group.await.unwrap(),
        Err(Error::Cancelled(CancelCause::Token))
    );
    assert_eq!(gauge.now(), 0);
}

#[tokio::test]
async fn a_function_that_cannot_say_cancelled_runs_on_without_its_tasks() {
    let token = CancellationToken::new();
    let gauge = Gauge::default();
    let task = gauge.enter();
    let (sender, go) = oneshot::channel();
    let counted = gauge.clone();
    let options = Options::new().token(token.clone());
    let group = group!(FUNCTION -> Result<u8, Narrow>, options, async move {
        launch!(async move {
            let _task = task;
            pending::<()>().await;
        });
        assert_eq!(cancelled().await, CancelCause::Token);
        assert!(is_cancelled());
        go.await.unwrap();
        assert_eq!(counted.now(), 0);
        Ok(1)
    });
    let group = tokio::spawn(group);
    settle().await;
    token.cancel();
    settle().await;
    assert_eq!(gauge.now(), 0);
    sender.send(()).unwrap();
    assert_eq!(group.await.unwrap(), Ok(1));
}

#[tokio::test]
async fn a_token_that_is_cancelled_before_the_start_lets_nothing_run() {
    let token = CancellationToken::new();
    token.cancel();
    let options = Options::new().token(token);
    let outcome = group!(FUNCTION -> Result<(), Error>, options, async { unreachable!() });
    assert_eq!(outcome.await, Err(Error::Cancelled(CancelCause::Token)));
}

#[tokio::test]
async fn cancelling_the_group_does_not_cancel_the_token() {
    let token = CancellationToken::new();
    let options = Options::new().token(token.clone());
    let outcome = group!(FUNCTION -> Result<(), Error>, options, async { Err(Error::Text("x")) });
    assert_eq!(outcome.await, Err(Error::Text("x")));
    assert!(!token.is_cancelled());
}

#[tokio::test]
async fn the_explicit_group_has_a_token() {
    let token = CancellationToken::new();
    let group = TaskGroup::<std::io::Error>::builder()
        .token(token.clone())
        .open();
    let task = group.spawn(pending::<()>());
    token.cancel();
    assert_eq!(group.cancelled().await, CancelCause::Token);
    assert!(task.await.unwrap_err().is_cancelled());
    group.join().await.unwrap();
}

#[tokio::test]
async fn a_value_that_came_before_the_cancellation_gives_way_when_tasks_were_cut_off() {
    let token = CancellationToken::new();
    let options = Options::new().token(token.clone());
    let group = group!(FUNCTION -> Result<u8, Error>, options, async {
        launch!(pending::<()>());
        Ok(1)
    });
    let group = tokio::spawn(group);
    settle().await;
    token.cancel();
    assert_eq!(
        group.await.unwrap(),
        Err(Error::Cancelled(CancelCause::Token))
    );
}

#[test]
fn the_errors_say_what_happened() {
    let cancelled = Cancelled::new(CancelCause::Shutdown);
    assert_eq!(cancelled.to_string(), "cancelled: the process shuts down");
    let exceeded = DeadlineExceeded::new(1500 * Duration::from_millis(1));
    assert_eq!(exceeded.to_string(), "the deadline of 1.5s has passed");
    let error = std::io::Error::from(exceeded);
    assert_eq!(error.kind(), std::io::ErrorKind::TimedOut);
}
