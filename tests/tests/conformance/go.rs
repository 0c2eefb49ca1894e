//! Go: errgroup, oklog/run, echo.

use std::io;
use std::process::Command;

use rejoin::{CancelCause, PanicError, TaskGroup, task_group};
use tokio::sync::oneshot;

use super::support::{BoxError, Gauge, OnDrop, settle};

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
        .grace(std::time::Duration::from_secs(60))
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
