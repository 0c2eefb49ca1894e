//! Joiners: what becomes of the outcomes, and what happens when the code that decides it fails.

use std::fmt;
use std::time::Duration;

use futures::FutureExt as _;
use rejoin::{DeadlineExceeded, Errors, OnFailure, PanicError, task_group};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use super::super::support::{BoxError, Gauge, settle, unwinds};
use super::{DAY, Scope, hold};
use crate::common::{listen, wait_for_report};

async fn failing(text: &'static str) -> Result<&'static str, BoxError> {
    Err(text.into())
}

#[task_group]
async fn all_of<T, F>(tasks: Vec<F>) -> Result<Vec<T>, BoxError>
where
    T: Send + 'static,
    F: Future<Output = Result<T, BoxError>> + Send + 'static,
{
    let mut handles = Vec::new();
    for task in tasks {
        handles.push(tokio::spawn(task));
    }
    let mut results = Vec::new();
    for handle in handles {
        results.push(handle.await??);
    }
    Ok(results)
}

#[tokio::test]
async fn all_results_come_in_the_order_of_forking() {
    let none: Vec<std::future::Ready<Result<u32, BoxError>>> = Vec::new();
    assert!(all_of(none).await.unwrap().is_empty());

    let slow_first = [3, 1, 2].map(|turns| async move {
        for _ in 0..turns {
            tokio::task::yield_now().await;
        }
        Ok(turns)
    });
    let results = all_of(Vec::from(slow_first)).await.unwrap();
    assert_eq!(results, [3, 1, 2]);
}

#[task_group]
async fn foo_and_a_failure(gauge: Gauge) -> Result<(), BoxError> {
    tokio::spawn(async { Ok::<_, BoxError>("foo") });
    tokio::spawn(hold(gauge.enter()));
    tokio::spawn(failing("bar"));
    std::future::pending().await
}

#[tokio::test]
async fn one_failure_is_the_failure_of_all() {
    let gauge = Gauge::default();
    let error = foo_and_a_failure(gauge.clone()).await.unwrap_err();
    assert_eq!(error.to_string(), "bar");
    assert_eq!((gauge.all(), gauge.now()), (1, 0));

    let one = async { Ok("foo") }.boxed();
    let error = all_of(vec![one, failing("bar").boxed()]).await;
    assert_eq!(error.unwrap_err().to_string(), "bar");
}

#[task_group]
async fn two_values() -> (&'static str, &'static str) {
    let (one, two) = (tokio::spawn(async { "foo" }), tokio::spawn(async { "bar" }));
    (one.await.unwrap(), two.await.unwrap())
}

#[tokio::test]
async fn results_are_in_the_handles_after_the_join() {
    assert_eq!(two_values().await, ("foo", "bar"));
    let scope = Scope::new();
    let tasks = ["foo", "bar"].map(|text| scope.spawn(async move { text }));
    scope.join().await.unwrap();
    let results = tasks.map(|task| task.now_or_never().expect("it has ended").unwrap());
    assert_eq!(results, ["foo", "bar"]);
}

#[task_group(deadline = "100ms")]
async fn one_is_too_slow() -> Result<Vec<&'static str>, BoxError> {
    let quick = tokio::spawn(async { "foo" });
    let slow = tokio::spawn(async {
        sleep(DAY).await;
        "bar"
    });
    Ok(vec![quick.await?, slow.await?])
}

#[tokio::test(start_paused = true)]
async fn when_one_is_too_slow_all_is() {
    let error = one_is_too_slow().await.unwrap_err();
    assert!(error.is::<DeadlineExceeded>(), "{error}");
}

#[derive(Debug)]
enum Completion {
    Failed(BoxError),
    Panicked(String),
}

impl From<BoxError> for Completion {
    fn from(cause: BoxError) -> Self {
        Self::Failed(cause)
    }
}

impl From<PanicError> for Completion {
    fn from(panic: PanicError) -> Self {
        Self::Panicked(panic.message().to_owned())
    }
}

#[task_group]
async fn wraps(panics: bool) -> Result<(), Completion> {
    if panics {
        tokio::spawn(async { panic!("foo") });
    } else {
        tokio::spawn(failing("foo"));
    }
    Ok(())
}

#[tokio::test]
async fn the_error_type_says_what_becomes_of_a_failure() {
    let error = wraps(false).await.unwrap_err();
    assert!(matches!(error, Completion::Failed(cause) if cause.to_string() == "foo"));
    let error = wraps(true).await.unwrap_err();
    assert!(matches!(error, Completion::Panicked(text) if text == "foo"));
}

#[task_group(on_failure = "collect")]
async fn collects(tasks: &[Result<(), &'static str>]) -> Result<u32, Errors<BoxError>> {
    for &outcome in tasks {
        tokio::spawn(async move { outcome });
    }
    Ok(7)
}

#[tokio::test]
async fn all_run_to_their_end_where_no_failure_stops_them() {
    assert_eq!(collects(&[]).await.unwrap(), 7);
    let errors = collects(&[Err("a"), Ok(()), Err("b")]).await.unwrap_err();
    let texts: Vec<_> = errors.iter().map(ToString::to_string).collect();
    assert_eq!(texts, ["a", "b"]);

    let scope = Scope::builder().on_failure(OnFailure::Collect).open();
    let tasks = (scope.spawn(async { "foo" }), scope.spawn(failing("bar")));
    scope.join_all().await.unwrap();
    assert_eq!(tasks.0.await.unwrap(), "foo");
    assert_eq!(tasks.1.await.unwrap().unwrap_err().to_string(), "bar");
}

#[tokio::test]
async fn the_body_cancels_the_rest_when_it_has_enough() {
    let scope = Scope::new();
    let gauge = Gauge::default();
    let first = scope.spawn(async { "foo" });
    let second = scope.spawn(hold(gauge.enter()));
    assert_eq!(first.await.unwrap(), "foo");
    scope.cancel();
    scope.join().await.unwrap();
    assert!(second.await.unwrap_err().is_cancelled());
    assert_eq!(gauge.now(), 0);
}

#[tokio::test]
async fn the_body_cancels_the_rest_after_two_failures() {
    let scope = Scope::new();
    let (tell, mut told) = mpsc::unbounded_channel();
    let (mut forked, mut failures) = (Vec::<JoinHandle<Result<_, _>>>::new(), 0);
    while !scope.is_cancelled() {
        let tell = tell.clone();
        forked.push(scope.spawn(async { Ok("foo") }));
        forked.push(scope.spawn(async move {
            tell.send(()).unwrap();
            failing("bar").await
        }));
        told.recv().await.unwrap();
        failures += 1;
        if failures == 2 {
            scope.cancel();
        }
    }
    scope.join().await.unwrap();
    let mut failed = 0;
    for task in forked {
        let ended = task.now_or_never().expect("joined");
        failed += usize::from(matches!(ended, Ok(Err(_))));
    }
    assert_eq!(failed, failures);
}

#[tokio::test(start_paused = true)]
async fn partial_results_are_there_after_the_deadline() {
    let scope = Scope::builder().deadline(Duration::from_millis(100)).open();
    let (quick, slow) = (
        scope.spawn(async { "foo" }),
        scope.spawn(async {
            sleep(DAY).await;
            "bar"
        }),
    );
    let late = scope.join().await.unwrap_err();
    assert!(late.is::<DeadlineExceeded>(), "{late}");
    assert_eq!(quick.await.unwrap(), "foo");
    assert!(slow.await.unwrap_err().is_cancelled());
}

#[task_group]
async fn policy_that_panics(gauge: Gauge) -> Result<(), BoxError> {
    tokio::spawn(hold(gauge.enter()));
    let task = tokio::spawn(async { "foo" });
    assert_eq!(task.await?, "bar", "the policy");
    Ok(())
}

#[tokio::test]
async fn a_policy_in_the_body_that_panics_stops_the_tasks_and_ends_the_join() {
    let gauge = Gauge::default();
    let error = policy_that_panics(gauge.clone()).await.unwrap_err();
    let panic = error.downcast::<PanicError>().unwrap();
    assert!(panic.message().contains("the policy"), "{panic}");
    assert_eq!((gauge.all(), gauge.now()), (1, 0));
}

/// The error of functions whose conversions are broken.
#[derive(Debug)]
struct Broken;

impl From<BoxError> for Broken {
    fn from(_: BoxError) -> Self {
        panic!("the conversion")
    }
}

impl From<DeadlineExceeded> for Broken {
    fn from(_: DeadlineExceeded) -> Self {
        panic!("the conversion of a deadline")
    }
}

#[task_group(deadline = "100ms")]
async fn converts(fails: bool, gauge: Gauge) -> Result<(), Broken> {
    tokio::spawn(hold(gauge.enter()));
    if fails {
        tokio::spawn(failing("foo"));
    }
    std::future::pending().await
}

#[tokio::test(start_paused = true)]
async fn a_conversion_that_panics_unwinds_when_all_have_been_joined() {
    let gauge = Gauge::default();
    let text = unwinds(converts(true, gauge.clone())).await;
    assert_eq!((text.as_str(), gauge.now()), ("the conversion", 0));
}

#[tokio::test(start_paused = true)]
async fn a_conversion_of_the_deadline_that_panics_unwinds_when_all_have_been_joined() {
    let gauge = Gauge::default();
    let text = unwinds(converts(false, gauge.clone())).await;
    let expected = ("the conversion of a deadline", 0);
    assert_eq!((text.as_str(), gauge.now()), expected);
}

/// An error that cannot be shown.
struct Unspeakable;

impl fmt::Debug for Unspeakable {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("the words of an error fail")
    }
}

#[task_group(on_failure = "isolate")]
async fn reports_the_unspeakable() -> u32 {
    tokio::spawn(async { Err::<(), _>(Unspeakable) });
    settle().await;
    7
}

#[tokio::test]
async fn a_report_that_panics_does_not_wedge_the_join() {
    listen();
    assert_eq!(reports_the_unspeakable().await, 7);
    let report = wait_for_report("the words of an error fail");
    assert_eq!(report.get("kind"), "panic");
}

fn broken_option() -> Duration {
    panic!("the options")
}

#[task_group(deadline = broken_option())]
async fn broken_options(gauge: Gauge) -> Result<(), BoxError> {
    tokio::spawn(hold(gauge.enter()));
    Ok(())
}

#[tokio::test]
async fn options_that_panic_open_no_scope() {
    let gauge = Gauge::default();
    let text = unwinds(broken_options(gauge.clone())).await;
    assert_eq!((text.as_str(), gauge.all()), ("the options", 0));
    let tree = rejoin::tree();
    let mut open = tree.scopes().iter();
    assert!(!open.any(|scope| scope.name().ends_with("broken_options")));
}
