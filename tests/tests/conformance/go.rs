//! Go: errgroup, oklog/run, echo.

use std::io;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::FutureExt as _;
use rejoin::{CancelCause, Cancelled, DeliberateAbort, PanicError, TaskGroup, task_group};
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use super::support::{BoxError, Gauge, OnDrop, settle};
use crate::common::{listen, reports};

#[task_group]
async fn ends_with(outcomes: &[Result<(), &'static str>]) -> Result<(), BoxError> {
    for &outcome in outcomes {
        tokio::spawn(async move { outcome });
    }
    Ok(())
}

#[tokio::test]
async fn the_first_error_is_returned() {
    let cases: [(&[_], _); 5] = [
        (&[], None),
        (&[Ok(())], None),
        (&[Err("1")], Some("1")),
        (&[Err("1"), Ok(())], Some("1")),
        (&[Err("1"), Ok(()), Err("2")], Some("1")),
    ];
    for (outcomes, first) in cases {
        let returned = ends_with(outcomes).await.err();
        assert_eq!(returned.map(|error| error.to_string()).as_deref(), first);
        let group = TaskGroup::<BoxError>::new();
        for &outcome in outcomes {
            group.launch(async move { outcome });
        }
        let returned = group.join().await.err();
        assert_eq!(returned.map(|error| error.to_string()).as_deref(), first);
    }
}

#[tokio::test]
async fn the_group_is_cancelled_at_the_first_error_and_not_by_its_end() {
    let group = TaskGroup::<BoxError>::new();
    let (fail, failing) = oneshot::channel::<()>();
    group.launch(async move {
        failing.await.unwrap();
        Err::<(), _>("doomed")
    });
    group.launch(std::future::pending::<()>());
    settle().await;
    assert!(!group.is_cancelled());
    fail.send(()).unwrap();
    group.cancelled().await;
    assert_eq!(group.join().await.unwrap_err().to_string(), "doomed");

    // A group that ends well has nobody left who could ask; its last task has not been cancelled either.
    let group = TaskGroup::<BoxError>::new();
    let last = group.spawn(async { rejoin::is_cancelled() });
    group.join().await.unwrap();
    assert!(!last.await.unwrap());
}

#[tokio::test]
async fn the_cause_names_the_task_whose_error_is_returned() {
    let group = TaskGroup::<BoxError>::builder()
        .grace(Duration::from_secs(60))
        .open();
    let sibling = group.spawn(rejoin::cancelled());
    let line = line!() + 1;
    group.launch(async { Err::<(), _>("doomed") });
    let cause = sibling.await.unwrap();
    assert!(
        matches!(&cause, CancelCause::Failure { spawned_at, .. }
            if spawned_at.file() == file!() && spawned_at.line() == line),
        "{cause}"
    );
    assert_eq!(group.join().await.unwrap_err().to_string(), "doomed");
}

#[tokio::test]
async fn try_spawn_refuses_when_full_and_takes_again_when_one_has_ended() {
    const LIMIT: usize = 42;
    let group = TaskGroup::<BoxError>::builder().limit(LIMIT).open();
    let (go, _) = tokio::sync::broadcast::channel(1);
    let mut tasks = Vec::new();
    for _ in 0..LIMIT {
        let mut wait = go.subscribe();
        let task = group.try_spawn(async move { wait.recv().await.unwrap() });
        tasks.push(task.ok().expect("a free place"));
    }
    assert!(group.try_spawn(async {}).is_err());
    go.send(()).unwrap();
    for task in tasks {
        task.await.unwrap();
    }
    let again = group.try_spawn(async {}).ok().expect("a free place");
    again.await.unwrap();
    group.join().await.unwrap();
}

#[task_group(limit = 10)]
async fn thousand(gauge: &Gauge) {
    for _ in 0..=1 << 10 {
        let gauge = gauge.clone();
        tokio::spawn(async move {
            let _place = gauge.enter();
            tokio::task::yield_now().await;
        });
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn never_more_than_the_limit_are_active() {
    let gauge = Gauge::default();
    thousand(&gauge).await;
    assert_eq!((gauge.all(), gauge.now()), ((1 << 10) + 1, 0));
    assert!(gauge.most() <= 10, "{}", gauge.most());
}

#[derive(Debug, PartialEq)]
struct OutOfPaper(u32);

#[inline(never)]
fn prints() {
    std::panic::panic_any(OutOfPaper(3));
}

#[task_group]
async fn panics_with_an_error_for_it() -> Result<(), PanicError> {
    tokio::spawn(async { prints() });
    Ok(())
}

#[task_group]
async fn panics_without() {
    tokio::spawn(async { prints() });
}

#[tokio::test]
async fn the_payload_and_the_stack_of_a_panic_survive() {
    let name = "conformance::go::the_payload_and_the_stack_of_a_panic_survive";
    if std::env::var_os("CONFORMANCE_CHILD").is_none() {
        // Whether a stack is kept is a matter of the environment, so of a process.
        let output = Command::new(std::env::current_exe().unwrap())
            .args([name, "--exact", "--nocapture"])
            .env("CONFORMANCE_CHILD", "1")
            .env("RUST_BACKTRACE", "1")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{output:?}");
        assert!(said.contains("1 passed"), "{said}");
        return;
    }
    let panic = panics_with_an_error_for_it().await.unwrap_err();
    assert_eq!(panic.downcast_ref(), Some(&OutOfPaper(3)));
    let stack = panic.backtrace().expect("a stack").to_string();
    assert!(stack.contains("go::prints"), "{stack}");

    // Where the function cannot return it, the unwinding goes on with the very payload.
    let task = tokio::spawn(panics_without());
    let panic = PanicError::from_join_error(task.await.unwrap_err()).unwrap();
    assert_eq!(panic.downcast_ref(), Some(&OutOfPaper(3)));
    let stack = panic.backtrace().expect("a stack").to_string();
    assert!(stack.contains("go::prints"), "{stack}");
}

#[task_group]
async fn awaits_an_aborted_child(dropped: oneshot::Sender<()>) -> Result<&'static str, BoxError> {
    let mut dropped = Some(dropped);
    let on_drop = OnDrop(move || dropped.take().unwrap().send(()).unwrap());
    let child = tokio::spawn(async move {
        let _on_drop = on_drop;
        std::future::pending::<()>().await;
        Ok::<_, io::Error>("a value")
    });
    settle().await;
    child.abort();
    let value = child.await?;
    Ok(value?)
}

#[tokio::test]
async fn a_child_that_is_aborted_never_counts_as_success() {
    let (dropped, was_dropped) = oneshot::channel();
    let error = awaits_an_aborted_child(dropped).await.unwrap_err();
    let error = error.downcast_ref::<tokio::task::JoinError>().unwrap();
    assert!(error.is_cancelled(), "{error}");
    was_dropped.await.unwrap();

    // Nor as a failure: whoever has the handle decides, and the group goes on.
    let group = TaskGroup::<BoxError>::new();
    let child = group.spawn(std::future::pending::<()>());
    child.abort();
    assert!(child.await.unwrap_err().is_cancelled());
    assert!(!group.is_cancelled());
    assert_eq!(group.spawn(async { 1 }).await.unwrap(), 1);
    group.join().await.unwrap();
}

#[task_group]
async fn search(query: &'static str) -> Result<Vec<String>, BoxError> {
    let mut handles = Vec::new();
    let mut before = None;
    for kind in ["web", "image", "video"].into_iter().rev() {
        // Each one waits for the one that is to stand behind it: they end from the last to the first.
        let (ended, end) = oneshot::channel::<()>();
        let behind = before.replace(end);
        handles.push(tokio::spawn(async move {
            if let Some(behind) = behind {
                behind.await.unwrap_err();
            }
            drop(ended);
            Ok::<_, io::Error>(format!("{kind} result for {query:?}"))
        }));
    }
    let mut results = Vec::new();
    for handle in handles.into_iter().rev() {
        results.push(handle.await??);
    }
    Ok(results)
}

#[tokio::test]
async fn each_result_has_its_place_whoever_ends_first() {
    assert_eq!(
        search("golang").await.unwrap(),
        ["web", "image", "video"].map(|kind| format!("{kind} result for \"golang\""))
    );
}

type Log = Arc<Mutex<Vec<String>>>;

#[task_group(grace = "1m")]
async fn actors(log: Log) -> Result<(), BoxError> {
    let own = Arc::clone(&log);
    tokio::spawn(async move {
        let cause = rejoin::cancelled().await;
        assert!(matches!(cause, CancelCause::Failure { .. }), "{cause}");
        tokio::task::yield_now().await;
        own.lock()
            .unwrap()
            .push("the first was interrupted".to_owned());
    });
    tokio::task::yield_now().await;
    tokio::spawn(async move {
        log.lock().unwrap().push("the second returns".to_owned());
        Err::<(), _>("immediate teardown")
    });
    std::future::pending().await
}

#[tokio::test]
async fn an_actor_that_fails_interrupts_the_others_and_all_are_waited_for() {
    let log = Log::default();
    let error = actors(Arc::clone(&log)).await.unwrap_err();
    assert_eq!(error.to_string(), "immediate teardown");
    let log = log.lock().unwrap();
    assert_eq!(*log, ["the second returns", "the first was interrupted"]);
}

#[task_group(token = token)]
async fn until_cancelled(token: CancellationToken) -> Result<(), Cancelled> {
    tokio::spawn(std::future::pending::<()>());
    std::future::pending().await
}

#[tokio::test]
async fn a_group_ends_when_its_token_is_cancelled() {
    let token = CancellationToken::new();
    let group = tokio::spawn(until_cancelled(token.clone()));
    settle().await;
    assert!(!group.is_finished());
    token.cancel();
    let cancelled = group.await.unwrap().unwrap_err();
    assert_eq!(cancelled.cause(), &CancelCause::Token);
}

/// A handler, whose panics are its answers; the bool says whether it gives up on purpose.
#[rejoin::guarded]
async fn answers_or_aborts(on_purpose: bool) -> axum::http::StatusCode {
    if on_purpose {
        rejoin::abort_handler();
    }
    std::panic::panic_any(OutOfPaper(17))
}

#[tokio::test]
async fn an_abort_on_purpose_is_passed_on_and_not_reported() {
    let reported = || {
        rejoin::flush_reports();
        reports("answers_or_aborts").len()
    };
    listen();
    let answer = answers_or_aborts(false).await;
    assert_eq!(answer, axum::http::StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(reported(), 1);
    let passed_on = std::panic::AssertUnwindSafe(answers_or_aborts(true));
    let payload = passed_on.catch_unwind().await.unwrap_err();
    assert!(payload.is::<DeliberateAbort>());
    assert_eq!(reported(), 1);
}
