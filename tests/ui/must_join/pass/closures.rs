//! Closures and async blocks that take a handle along.
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use futures::FutureExt;
use tokio::sync::Notify;
use tokio::task::{JoinError, JoinHandle};

type Step = Pin<Box<dyn Future<Output = Result<u32, JoinError>> + Send>>;

async fn work(number: u32) -> u32 {
    number
}

/// The block joins.
#[rejoin::must_join]
async fn block() -> Result<u32, JoinError> {
    let task = tokio::spawn(work(1));
    let joined = async move { task.await.map(|answer| answer + 1) };
    joined.await
}

/// The block of another task joins.
#[rejoin::must_join]
async fn another_task(stop: Arc<Notify>) -> Result<bool, JoinError> {
    let server = tokio::spawn(std::future::pending::<()>());
    let stopper = tokio::spawn(async move {
        stop.notified().await;
        server.abort();
        server.await.is_err()
    });
    stopper.await
}

/// A closure that joins when it is called.
#[rejoin::must_join]
fn at_exit(steps: &mut Vec<Box<dyn FnOnce() -> Step + Send>>) {
    let task = tokio::spawn(work(1));
    steps.push(Box::new(move || Box::pin(task)));
}

/// A closure that spawns and returns the handle.
#[rejoin::must_join]
async fn factory() -> Result<u32, JoinError> {
    let start = |number| tokio::spawn(work(number));
    let first = start(1).await?;
    start(first + 1).await
}

/// The same in a block body.
#[rejoin::must_join]
fn handles(numbers: &[u32]) -> Vec<JoinHandle<u32>> {
    numbers
        .iter()
        .map(|&number| {
            let doubled = number * 2;
            tokio::spawn(work(doubled))
        })
        .collect()
}

/// A closure whose task is joined inside.
#[rejoin::must_join]
async fn inside(numbers: Vec<u32>) -> u32 {
    let answer = async |number| {
        let task = tokio::spawn(work(number));
        task.await.unwrap_or(0)
    };
    let mut sum = 0;
    for number in numbers {
        sum += answer(number).await;
    }
    sum
}

/// An early end of the block, after the join.
#[rejoin::must_join]
async fn early_end(skip: bool) -> u32 {
    let block = async {
        if skip {
            return 0;
        }
        let task = tokio::spawn(work(1));
        let Ok(answer) = task.await else { return 0 };
        answer + 1
    };
    block.await
}

/// A `?` that leaves the block, and not the function that joins.
#[rejoin::must_join]
async fn block_with_questions(text: &str) -> Result<u32, JoinError> {
    let task = tokio::spawn(work(1));
    let parsed = async { text.parse::<u32>()?.checked_add(1).ok_or("too much".into()) };
    let parsed: Result<u32, Box<dyn std::error::Error>> = parsed.await;
    let answer = task.await?;
    Ok(answer + parsed.unwrap_or(0))
}

/// The combinators of `futures` take the handle by value.
#[rejoin::must_join]
async fn combinators() -> u32 {
    let task = tokio::spawn(work(1));
    task.map(|answer| answer.unwrap_or(0) + 1).await
}

/// A list of futures, each of which joins its own.
#[rejoin::must_join]
async fn list_of_blocks(numbers: Vec<u32>) -> Vec<u32> {
    let joins = numbers.into_iter().map(|number| async move {
        let task = tokio::spawn(work(number));
        task.await.unwrap_or(0)
    });
    futures::future::join_all(joins).await
}

/// A closure that only looks, beside a join.
#[rejoin::must_join]
async fn look_and_join() -> u32 {
    let task = tokio::spawn(work(1));
    let state = || if task.is_finished() { "ended" } else { "runs" };
    println!("{}", state());
    task.await.unwrap_or(0)
}

#[tokio::test]
async fn closures_join() {
    assert_eq!(block().await.unwrap(), 2);
    let stop = Arc::new(Notify::new());
    stop.notify_one();
    assert!(another_task(stop).await.unwrap());
    let mut steps = Vec::new();
    at_exit(&mut steps);
    for step in steps {
        assert_eq!(step().await.unwrap(), 1);
    }
    assert_eq!(factory().await.unwrap(), 2);
    for handle in handles(&[1]) {
        assert_eq!(handle.await.unwrap(), 2);
    }
    assert_eq!(inside(vec![1, 2]).await, 3);
    assert_eq!(early_end(false).await, 2);
    assert_eq!(block_with_questions("1").await.unwrap(), 3);
    assert_eq!(combinators().await, 2);
    assert_eq!(list_of_blocks(vec![1, 2]).await, [1, 2]);
    assert_eq!(look_and_join().await, 1);
}
