//! `#[task_group]`: its options, by annotation: limit, deadline, token, grace.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rejoin::{CancelCause, Cancelled, DeadlineExceeded, task_group};
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

async fn fails(text: &'static str) -> io::Result<()> {
    Err(io::Error::other(text))
}

#[task_group(limit = 3)]
async fn limited(items: usize, now: Arc<AtomicUsize>, most: Arc<AtomicUsize>) {
    for _ in 0..items {
        let (now, most) = (Arc::clone(&now), Arc::clone(&most));
        tokio::spawn(async move {
            most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            tokio::task::yield_now().await;
            tokio::task::yield_now().await;
            now.fetch_sub(1, Ordering::SeqCst);
        });
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn never_more_than_the_limit_run_at_once() {
    let (now, most) = (Arc::default(), Arc::<AtomicUsize>::default());
    limited(500, now, Arc::clone(&most)).await;
    assert_eq!(most.load(Ordering::SeqCst), 3);
}

#[task_group(limit = 1)]
async fn in_closures(count: Arc<AtomicUsize>) {
    (0..5).for_each(|_| {
        let count = Arc::clone(&count);
        tokio::spawn(async move {
            assert_eq!(count.fetch_add(1, Ordering::SeqCst), 0);
            tokio::task::yield_now().await;
            count.fetch_sub(1, Ordering::SeqCst);
        });
    });
}

#[tokio::test]
async fn a_spawn_in_a_closure_waits_for_its_place_before_its_first_poll() {
    in_closures(Arc::default()).await;
}

#[task_group(deadline = "50ms")]
async fn slow() -> Result<(), BoxError> {
    tokio::spawn(std::future::pending::<()>());
    std::future::pending().await
}

#[task_group(deadline = "10s")]
async fn patient() -> Result<Duration, BoxError> {
    let left = rejoin::remaining().unwrap();
    tokio::spawn(std::future::pending::<()>());
    std::future::pending::<()>().await;
    Ok(left)
}

#[task_group(deadline = "1s")]
async fn outer() -> Result<Duration, BoxError> {
    patient().await
}

#[tokio::test(start_paused = true)]
async fn at_the_deadline_the_function_returns_it() {
    let start = tokio::time::Instant::now();
    let error = slow().await.unwrap_err();
    assert!(
        error.downcast_ref::<DeadlineExceeded>().is_some(),
        "{error}"
    );
    assert_eq!(start.elapsed().as_millis(), 50);
}

#[tokio::test(start_paused = true)]
async fn a_nested_deadline_never_extends_an_outer_one() {
    let start = tokio::time::Instant::now();
    let error = outer().await.unwrap_err();
    assert_eq!(
        error.downcast_ref::<DeadlineExceeded>().unwrap().after(),
        Duration::from_secs(1)
    );
    assert_eq!(start.elapsed().as_secs(), 1);
}

#[derive(Debug)]
enum Stopped {
    Cancelled(CancelCause),
}

impl From<Cancelled> for Stopped {
    fn from(cancelled: Cancelled) -> Self {
        Self::Cancelled(cancelled.cause().clone())
    }
}

#[task_group(token = token)]
async fn tied(token: CancellationToken) -> Result<(), Stopped> {
    tokio::spawn(std::future::pending::<()>());
    std::future::pending().await
}

#[task_group(token = token.clone())]
async fn tied_without_a_word_for_it(token: CancellationToken, go: oneshot::Receiver<()>) -> bool {
    let child = tokio::spawn(std::future::pending::<()>());
    let _ = go.await;
    assert!(child.await.unwrap_err().is_cancelled());
    rejoin::is_cancelled()
}

#[tokio::test]
async fn a_token_cancels_the_group() {
    let token = CancellationToken::new();
    let running = tokio::spawn({
        let local = token.clone();
        async move {
            let Err(Stopped::Cancelled(cause)) = tied(local).await else {
                panic!("not cancelled");
            };
            cause
        }
    });
    tokio::task::yield_now().await;
    token.cancel();
    assert_eq!(running.await.unwrap(), CancelCause::Token);
}

#[tokio::test]
async fn without_a_word_for_it_the_body_runs_on_and_sees_it() {
    let token = CancellationToken::new();
    let (go, wait) = oneshot::channel();
    let running = tokio::spawn(tied_without_a_word_for_it(token.clone(), wait));
    tokio::task::yield_now().await;
    token.cancel();
    tokio::task::yield_now().await;
    go.send(()).unwrap();
    assert!(running.await.unwrap());
}

#[task_group(grace = "1s")]
async fn graceful(log: Arc<Mutex<Vec<String>>>) -> Result<(), BoxError> {
    tokio::spawn(async move {
        let cause = rejoin::cancelled().await;
        log.lock().unwrap().push(cause.to_string());
    });
    tokio::task::yield_now().await;
    fails("the cause").await?;
    Ok(())
}

#[tokio::test]
async fn within_the_grace_a_task_can_end_by_itself_and_knows_why() {
    let log = Arc::default();
    assert_eq!(
        graceful(Arc::clone(&log)).await.unwrap_err().to_string(),
        "the cause"
    );
    let log = log.lock().unwrap();
    assert_eq!(log.len(), 1);
    assert!(log[0].contains("::graceful"), "{log:?}");
}
