//! A task that is polled while its group is cancelled sees another one that was aborted, and fails in a poll that began
//! before. What it says is a symptom of the cancellation, and does not hide its cause.

use std::future::pending;
use std::io;
use std::thread;
use std::time::Duration;

use rejoin::{Cancelled, DeadlineExceeded, PanicError, TaskGroup, task_group};
use tokio::sync::oneshot;
use tokio::task::{JoinError, JoinHandle};
use tokio_util::sync::CancellationToken;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

#[derive(Debug)]
enum Failure {
    Body,
    Join(JoinError),
    Panic(PanicError),
    Cancelled(Cancelled),
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self:?}")
    }
}

impl std::error::Error for Failure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Body => None,
            Self::Join(error) => Some(error),
            Self::Panic(error) => Some(error),
            Self::Cancelled(error) => Some(error),
        }
    }
}

impl From<JoinError> for Failure {
    fn from(error: JoinError) -> Self {
        Self::Join(error)
    }
}

impl From<PanicError> for Failure {
    fn from(error: PanicError) -> Self {
        Self::Panic(error)
    }
}

impl From<Cancelled> for Failure {
    fn from(error: Cancelled) -> Self {
        Self::Cancelled(error)
    }
}

/// A task that others can wait for. It has been polled, so that no worker keeps it to itself.
async fn idle() -> JoinHandle<()> {
    let (here, polled) = oneshot::channel();
    let task = rejoin::spawn(async move {
        here.send(()).unwrap();
        pending::<()>().await;
    });
    polled.await.unwrap();
    task
}

/// Waits for a task that has been aborted before it is awaited, all in one poll.
async fn sees(aborted: JoinHandle<()>, polled: oneshot::Sender<()>) -> Result<(), JoinError> {
    let _ = polled.send(());
    while !aborted.is_finished() {
        thread::yield_now();
    }
    aborted.await
}

#[task_group]
async fn of_its_own_kind() -> Result<(), Failure> {
    let (polled, is_polled) = oneshot::channel();
    let aborted = idle().await;
    tokio::spawn(async move {
        sees(aborted, polled).await?;
        Ok::<_, Failure>(())
    });
    is_polled.await.unwrap();
    Err(Failure::Body)
}

#[task_group]
async fn boxed() -> Result<(), BoxError> {
    let (polled, is_polled) = oneshot::channel();
    let aborted = idle().await;
    tokio::spawn(async move {
        sees(aborted, polled).await.map_err(io::Error::other)?;
        Ok::<_, BoxError>(())
    });
    is_polled.await.unwrap();
    Err("the body".into())
}

#[task_group(token = token.clone())]
async fn by_a_token(token: CancellationToken) -> Result<(), Failure> {
    let (polled, is_polled) = oneshot::channel();
    let aborted = idle().await;
    tokio::spawn(sees(aborted, polled));
    is_polled.await.unwrap();
    token.cancel();
    pending().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn the_error_of_a_task_that_was_aborted_does_not_hide_why() {
    let own = of_its_own_kind().await;
    assert!(matches!(own, Err(Failure::Body)), "{own:?}");

    assert_eq!(boxed().await.unwrap_err().to_string(), "the body");

    let token = by_a_token(CancellationToken::new()).await;
    assert!(matches!(token, Err(Failure::Cancelled(_))), "{token:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn nor_does_it_in_a_group_without_macros() {
    let group = TaskGroup::<BoxError>::builder()
        .deadline(Duration::from_millis(10))
        .open();
    let (polled, is_polled) = oneshot::channel();
    let aborted = group.spawn(pending());
    group.launch(sees(aborted, polled));
    drop(is_polled);
    let error = group.join().await.unwrap_err();
    assert!(error.is::<DeadlineExceeded>(), "{error}");
}

/// Without a cancellation it is an error like any other: somebody has aborted the task, and the group is told.
#[task_group]
async fn aborts_one_itself() -> Result<(), Failure> {
    let aborted = tokio::spawn(pending::<()>());
    aborted.abort();
    tokio::spawn(async move {
        aborted.await?;
        Ok::<_, Failure>(())
    });
    pending().await
}

#[tokio::test]
async fn without_a_cancellation_it_is_a_failure_like_any_other() {
    let outcome = aborts_one_itself().await;
    assert!(matches!(outcome, Err(Failure::Join(_))), "{outcome:?}");
}
