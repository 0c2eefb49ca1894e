//! A shield whose future was aborted with the root. Alone in its process: the root is aborted for good.

mod common;

use std::future::{pending, poll_fn};
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use common::spawn;
use futures::FutureExt;
use futures::poll;
use rejoin::{root, shield};
use tokio::sync::oneshot;

#[tokio::test]
async fn its_waiter_is_told_and_tokio_is_asked_once() {
    let mut lost = pin!(shield(pending::<()>()));
    assert!(poll!(&mut lost).is_pending());
    let (polled, is_polled) = oneshot::channel();
    let task = spawn!("waits", async {
        let mut inner = pin!(shield(pending::<()>()));
        assert!(poll!(&mut inner).is_pending());
        polled.send(()).unwrap();
        // It is aborted at the next await, and until then it may poll as often as it likes.
        poll_fn(|cx| {
            for _ in 0..3 {
                assert!(inner.as_mut().poll(cx).is_pending());
            }
            Poll::<()>::Pending
        })
        .await;
    });
    is_polled.await.unwrap();
    assert!(root().join(Duration::ZERO).await.is_empty());
    assert!(task.await.unwrap_err().is_cancelled());

    for text in [
        "a shielded future was aborted with the root, whose grace was over",
        "a shield was polled after it had ended",
    ] {
        let panic = AssertUnwindSafe(&mut lost)
            .catch_unwind()
            .await
            .unwrap_err();
        assert_eq!(panic.downcast_ref::<&str>(), Some(&text));
    }

    // A closure cannot be aborted, so it must not wait for ever.
    let closure = tokio::task::spawn_blocking(|| {
        rejoin::catch_sync(|| tokio::runtime::Handle::current().block_on(shield(async {})))
    });
    assert!(closure.await.unwrap().is_err());
}
