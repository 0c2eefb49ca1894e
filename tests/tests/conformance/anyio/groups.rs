//! Who is waited for, who is stopped by whose failure, and which failure comes out.

use std::future::pending;
use std::pin::pin;
use std::sync::{Arc, Mutex};

use futures::poll;
use rejoin::{Cancelled, TaskGroup, task_group};
use tokio::sync::oneshot;
use tokio::task::yield_now;
use tokio_util::sync::CancellationToken;

use super::super::support::{BoxError, Gauge, OnDrop, Place, settle};
use crate::common::{listen, reports, wait_for_report};

#[task_group]
async fn adds(seen: Arc<Mutex<Vec<&'static str>>>) {
    for value in ["a", "b"] {
        let seen = Arc::clone(&seen);
        tokio::spawn(async move {
            yield_now().await;
            seen.lock().unwrap().push(value);
        });
    }
}

#[tokio::test]
async fn a_group_waits_for_every_task() {
    let seen = Arc::<Mutex<Vec<_>>>::default();
    adds(Arc::clone(&seen)).await;
    let mut seen = seen.lock().unwrap();
    seen.sort_unstable();
    assert_eq!(*seen, ["a", "b"]);
}

#[task_group]
async fn spawns_from_a_task(gauge: Gauge) {
    tokio::spawn(async move {
        yield_now().await;
        let place = gauge.enter();
        tokio::spawn(async move {
            settle().await;
            drop(place);
        });
    });
}

#[tokio::test]
async fn a_task_may_spawn_into_its_group() {
    let gauge = Gauge::default();
    spawns_from_a_task(gauge.clone()).await;
    assert_eq!((gauge.all(), gauge.now()), (1, 0));
}

type Leftover = Box<dyn FnOnce(Place) + Send>;

#[task_group]
async fn leaves_a_spawner(
    fails: bool,
    leftover: oneshot::Sender<Leftover>,
) -> Result<(), BoxError> {
    let spawner: Leftover = Box::new(|place| {
        tokio::spawn(async move {
            let _place = place;
            pending::<()>().await;
        });
    });
    leftover.send(spawner).ok().unwrap();
    if fails {
        return Err("with an error".into());
    }
    Ok(())
}

#[tokio::test]
async fn what_a_closed_group_left_behind_spawns_where_it_runs() {
    for fails in [false, true] {
        let (leave, left) = oneshot::channel();
        assert_eq!(leaves_a_spawner(fails, leave).await.is_err(), fails);
        let spawner = left.await.unwrap();
        let gauge = Gauge::default();
        let place = gauge.enter();
        let group = TaskGroup::<BoxError>::new();
        let task = group.spawn(async move { spawner(place) });
        task.await.unwrap();
        assert_eq!((group.len(), gauge.now()), (1, 1));
        group.cancel();
        group.join().await.unwrap();
        assert_eq!(gauge.now(), 0);
    }
}

#[task_group]
async fn fails_itself(place: Place) -> Result<(), BoxError> {
    let (starts, started) = oneshot::channel();
    tokio::spawn(async move {
        let _place = place;
        starts.send(()).unwrap();
        pending::<()>().await;
    });
    started.await?;
    Err("of the body".into())
}

#[tokio::test]
async fn the_bodys_error_stops_its_tasks() {
    let gauge = Gauge::default();
    let error = fails_itself(gauge.enter()).await.unwrap_err();
    assert_eq!(error.to_string(), "of the body");
    assert_eq!(gauge.now(), 0);
}

#[task_group]
async fn has_a_failing_task(sibling: Place, body: Place) -> Result<(), BoxError> {
    tokio::spawn(async move {
        let _sibling = sibling;
        pending::<()>().await;
    });
    tokio::spawn(async {
        settle().await;
        Err::<(), BoxError>("of a task".into())
    });
    let _body = body;
    pending().await
}

#[tokio::test]
async fn a_failing_task_stops_its_siblings_and_the_body() {
    let gauge = Gauge::default();
    let outcome = has_a_failing_task(gauge.enter(), gauge.enter()).await;
    assert_eq!(outcome.unwrap_err().to_string(), "of a task");
    assert_eq!((gauge.all(), gauge.now()), (2, 0));
}

#[task_group(grace = "1h")]
async fn fails_twice(body_fails: bool, second: &'static str) -> Result<(), BoxError> {
    tokio::spawn(async move {
        rejoin::cancelled().await;
        Err::<(), BoxError>(second.into())
    });
    settle().await;
    if body_fails {
        return Err("first".into());
    }
    tokio::spawn(async { Err::<(), BoxError>("first".into()) });
    pending().await
}

#[tokio::test(start_paused = true)]
async fn a_second_failure_is_reported_beside_the_first() {
    listen();
    for (body_fails, second) in [(false, "second of tasks"), (true, "second after a body")] {
        let error = fails_twice(body_fails, second).await.unwrap_err();
        assert_eq!(error.to_string(), "first");
        assert_eq!(wait_for_report(second).get("kind"), "error");
    }
}

#[task_group]
async fn fails_in_its_cleanup(text: &'static str) -> Result<(), BoxError> {
    tokio::spawn(async move {
        let _cleanup = OnDrop(|| std::panic::panic_any(text));
        pending::<()>().await;
    });
    pending().await
}

#[task_group]
async fn fails_around_it(text: &'static str) -> Result<(), BoxError> {
    tokio::spawn(async {
        settle().await;
        Err::<(), BoxError>("of the outer group".into())
    });
    fails_in_its_cleanup(text).await
}

#[tokio::test]
async fn of_nested_groups_that_both_fail_the_first_is_returned_and_no_cancellation() {
    listen();
    let error = fails_around_it("cleanup of the inner group")
        .await
        .unwrap_err();
    assert_eq!(error.to_string(), "of the outer group");
    let report = wait_for_report("cleanup of the inner group");
    assert_eq!(report.get("kind"), "panic");
}

#[task_group(token = token.clone())]
async fn fails_as_it_is_cancelled(token: CancellationToken) -> Result<(), BoxError> {
    tokio::spawn(pending::<()>());
    token.cancel();
    Err("its own".into())
}

#[tokio::test]
async fn an_error_beside_the_cancellation_is_kept_and_alone() {
    let error = fails_as_it_is_cancelled(CancellationToken::new()).await;
    assert_eq!(error.unwrap_err().to_string(), "its own");
}

#[task_group(token = token)]
async fn quietly_cancelled(token: CancellationToken) -> Result<(), Cancelled> {
    tokio::spawn(pending::<()>());
    tokio::spawn(pending::<()>());
    pending().await
}

#[tokio::test]
async fn of_a_cancelled_group_comes_one_cancellation_and_no_report() {
    listen();
    let token = CancellationToken::new();
    let running = tokio::spawn(quietly_cancelled(token.clone()));
    settle().await;
    token.cancel();
    let cancelled = running.await.unwrap().unwrap_err();
    assert_eq!(*cancelled.cause(), rejoin::CancelCause::Token);
    assert!(reports("quietly_cancelled").is_empty());
}

#[task_group]
async fn empty() {}

#[tokio::test]
async fn an_empty_group_is_ready_at_once() {
    assert!(poll!(pin!(empty())).is_ready());
    assert!(poll!(pin!(TaskGroup::<BoxError>::new().join())).is_ready());
}

#[tokio::test]
async fn a_group_that_is_never_joined_ends_with_its_owner() {
    let gauge = Gauge::default();
    let place = gauge.enter();
    tokio::spawn(async move {
        let group = TaskGroup::<BoxError>::new();
        group.launch(async move {
            let _place = place;
            pending::<()>().await;
        });
        settle().await;
    })
    .await
    .unwrap();
    settle().await;
    assert_eq!((gauge.all(), gauge.now()), (1, 0));
}

#[tokio::test]
async fn groups_may_be_joined_in_any_order_and_by_any_task() {
    let (first, second) = (TaskGroup::<BoxError>::new(), TaskGroup::<BoxError>::new());
    first.launch(async { Err::<(), BoxError>("first".into()) });
    second.launch(async { Err::<(), BoxError>("second".into()) });
    let joined = tokio::spawn(first.join());
    assert_eq!(second.join().await.unwrap_err().to_string(), "second");
    assert_eq!(joined.await.unwrap().unwrap_err().to_string(), "first");
}

#[task_group]
async fn parted(gauge: Gauge, go: oneshot::Receiver<()>) {
    let place = gauge.enter();
    tokio::spawn(async move {
        let _place = place;
        go.await.unwrap();
    });
    yield_now().await;
    let place = gauge.enter();
    tokio::spawn(async move { drop(place) });
}

#[tokio::test]
async fn a_group_that_is_polled_by_another_task_goes_on_there() {
    let gauge = Gauge::default();
    let (go, wait) = oneshot::channel();
    let mut group = Box::pin(parted(gauge.clone(), wait));
    assert!(poll!(&mut group).is_pending());
    let group = tokio::spawn(group);
    settle().await;
    assert_eq!((gauge.all(), gauge.now()), (2, 1));
    go.send(()).unwrap();
    group.await.unwrap();
    assert_eq!(gauge.now(), 0);
}

/// An error that tells how many have it.
#[derive(Debug)]
struct Shared(#[expect(dead_code, reason = "it is counted")] Arc<()>);

impl std::fmt::Display for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("shared")
    }
}

impl std::error::Error for Shared {}

#[task_group]
async fn fails_with(error: Shared, by_a_task: bool) -> Result<(), BoxError> {
    if by_a_task {
        tokio::spawn(async move { Err::<(), _>(error) });
        return pending().await;
    }
    Err(error.into())
}

#[task_group]
async fn passes_on(error: Shared, by_a_task: bool) -> Result<(), BoxError> {
    tokio::spawn(async move { fails_with(error, by_a_task).await });
    pending().await
}

#[tokio::test]
async fn the_error_is_the_callers_alone() {
    for by_a_task in [false, true] {
        let shared = Arc::new(());
        let returned = fails_with(Shared(Arc::clone(&shared)), by_a_task).await;
        assert_eq!(Arc::strong_count(&shared), 2);
        drop(returned.unwrap_err());
        assert_eq!(Arc::strong_count(&shared), 1);
        let returned = passes_on(Shared(Arc::clone(&shared)), by_a_task).await;
        assert_eq!(Arc::strong_count(&shared), 2);
        drop(returned.unwrap_err());
        assert_eq!(Arc::strong_count(&shared), 1);
    }
}

#[task_group]
async fn panics_with(payload: Arc<()>, by_a_task: bool) {
    if by_a_task {
        tokio::spawn(async move { std::panic::panic_any(payload) });
        return pending().await;
    }
    std::panic::panic_any(payload)
}

#[tokio::test]
async fn the_payload_of_a_panic_is_the_callers_alone() {
    for by_a_task in [false, true] {
        let shared = Arc::new(());
        let panic = tokio::spawn(panics_with(Arc::clone(&shared), by_a_task)).await;
        let payload = panic.unwrap_err().into_panic();
        assert!(payload.is::<Arc<()>>());
        assert_eq!(Arc::strong_count(&shared), 2);
        drop(payload);
        assert_eq!(Arc::strong_count(&shared), 1);
    }
}

#[task_group(token = token)]
async fn holds(shared: Arc<()>, token: CancellationToken) -> Result<(), Cancelled> {
    tokio::spawn({
        let shared = Arc::clone(&shared);
        async move {
            pending::<()>().await;
            drop(shared);
        }
    });
    pending::<()>().await;
    drop(shared);
    Ok(())
}

#[tokio::test]
async fn a_cancelled_group_keeps_nothing() {
    let (shared, token) = (Arc::new(()), CancellationToken::new());
    let running = tokio::spawn(holds(Arc::clone(&shared), token.clone()));
    settle().await;
    assert_eq!(Arc::strong_count(&shared), 3);
    token.cancel();
    let cancelled = running.await.unwrap().unwrap_err();
    assert_eq!(Arc::strong_count(&shared), 1, "{cancelled}");
}
