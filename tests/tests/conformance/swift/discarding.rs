//! Groups that discard what their children return, as proposed in SE-0381.

use std::pin::pin;

use futures::FutureExt as _;
use rejoin::{OnFailure, task_group};
use tokio::sync::oneshot;

use super::super::support::{BoxError, Gauge, Place, settle};
use super::Group;

#[task_group]
async fn one_of_two_fails() -> Result<u32, BoxError> {
    tokio::spawn(async { 1 });
    tokio::spawn(async { Err::<u32, BoxError>("boom".into()) });
    Ok(12)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_error_of_a_discarded_child_is_returned_whatever_the_body_returns() {
    for _ in 0..1000 {
        let error = one_of_two_fails().await.unwrap_err();
        assert_eq!(error.to_string(), "boom");
    }
}

#[task_group]
async fn fails_when_let(gauge: Gauge, let_fail: oneshot::Receiver<()>) -> Result<(), BoxError> {
    for _ in 0..3 {
        let place = gauge.enter();
        tokio::spawn(async move {
            let _place = place;
            std::future::pending::<()>().await;
        });
    }
    tokio::spawn(async move {
        let_fail.await?;
        Err::<(), BoxError>("boom".into())
    });
    std::future::pending().await
}

#[tokio::test]
async fn the_first_error_of_a_discarded_child_cancels_the_group_at_once() {
    let gauge = Gauge::default();
    let (fail, let_fail) = oneshot::channel();
    let mut group = pin!(fails_when_let(gauge.clone(), let_fail));
    assert!(group.as_mut().now_or_never().is_none());
    settle().await;
    assert!(group.as_mut().now_or_never().is_none());
    assert_eq!(gauge.now(), 3);
    fail.send(()).unwrap();
    assert_eq!(group.await.unwrap_err().to_string(), "boom");
    assert_eq!(gauge.now(), 0);
}

/// What a child returns; its place says whether it has been released.
struct Payload(#[expect(dead_code, reason = "for its destructor")] Place);

impl std::fmt::Debug for Payload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Payload")
    }
}

impl From<Payload> for BoxError {
    fn from(_: Payload) -> Self {
        "a payload".into()
    }
}

#[tokio::test]
async fn what_discarded_children_return_is_released_while_the_group_goes_on() {
    let gauge = Gauge::default();
    let group = Group::builder().on_failure(OnFailure::Isolate).open();
    let waits = group.spawn(std::future::pending::<()>());
    for i in 0..6 {
        let payload = Payload(gauge.enter());
        group.launch(async move {
            if i % 2 == 0 {
                Ok(payload)
            } else {
                Err(payload)
            }
        });
    }
    assert_eq!(gauge.now(), 6);
    settle().await;
    assert_eq!((gauge.all(), gauge.now(), group.len()), (6, 0, 1));
    waits.abort();
    group.join().await.unwrap();
}

#[task_group]
async fn children_return(gauge: Gauge, errors: bool) -> Result<u32, BoxError> {
    for i in 0..6 {
        let payload = Payload(gauge.enter());
        tokio::spawn(async move {
            if errors && i % 2 == 0 {
                return Err(payload);
            }
            Ok(payload)
        });
    }
    Ok(12)
}

#[tokio::test]
async fn what_discarded_children_return_is_released_when_the_group_ends() {
    let gauge = Gauge::default();
    assert_eq!(children_return(gauge.clone(), false).await.unwrap(), 12);
    assert_eq!((gauge.all(), gauge.now()), (6, 0));
    let error = children_return(gauge.clone(), true).await.unwrap_err();
    assert_eq!(error.to_string(), "a payload");
    assert_eq!((gauge.all(), gauge.now()), (12, 0));
}

#[task_group]
async fn a_hundred(gauge: Gauge, settles: bool) -> usize {
    for i in 0..100 {
        let place = gauge.enter();
        tokio::spawn(async move {
            for _ in 0..i {
                tokio::task::yield_now().await;
            }
            drop(place);
        });
    }
    if settles {
        settle().await; // some have ended when the wait begins
        assert!((1..100).contains(&gauge.now()));
    }
    100
}

#[tokio::test]
async fn children_that_nobody_asks_are_all_waited_for() {
    for settles in [false, true] {
        let gauge = Gauge::default();
        assert_eq!(a_hundred(gauge.clone(), settles).await, 100);
        assert_eq!((gauge.all(), gauge.now()), (100, 0));
    }
}
