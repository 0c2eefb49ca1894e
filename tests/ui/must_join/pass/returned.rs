//! Functions that return handles: the duty goes to the caller, and `#[must_use]` says so.
use std::collections::HashMap;
use std::future::Future;
use std::io;
use std::pin::Pin;

use async_trait::async_trait;
use tokio::task::JoinHandle;

async fn work(number: u32) -> u32 {
    number
}

#[rejoin::must_join]
fn one(number: u32) -> JoinHandle<u32> {
    tokio::spawn(work(number))
}

/// With a reason of its own.
#[rejoin::must_join]
#[must_use = "nobody else joins it"]
fn with_a_reason(number: u32) -> JoinHandle<u32> {
    tokio::spawn(work(number))
}

/// Above the attribute, too.
#[must_use = "nobody else joins it"]
#[rejoin::must_join]
fn with_a_reason_above(number: u32) -> JoinHandle<u32> {
    tokio::spawn(work(number))
}

#[rejoin::must_join]
fn perhaps(number: u32) -> Option<JoinHandle<u32>> {
    (number > 0).then(|| tokio::spawn(work(number)))
}

#[rejoin::must_join]
fn list(numbers: &[u32]) -> Vec<JoinHandle<u32>> {
    numbers
        .iter()
        .map(|&number| tokio::spawn(work(number)))
        .collect()
}

#[rejoin::must_join]
fn array() -> [JoinHandle<u32>; 2] {
    [tokio::spawn(work(1)), tokio::spawn(work(2))]
}

#[rejoin::must_join]
fn pair() -> (JoinHandle<u32>, std::thread::JoinHandle<u32>) {
    let task = tokio::spawn(work(1));
    let thread = std::thread::spawn(|| 2);
    (task, thread)
}

#[rejoin::must_join]
fn by_name(names: &[&'static str]) -> HashMap<&'static str, JoinHandle<usize>> {
    let mut tasks = HashMap::new();
    for &name in names {
        tasks.insert(name, tokio::spawn(async move { name.len() }));
    }
    tasks
}

#[rejoin::must_join]
fn or_an_error(number: u32) -> io::Result<JoinHandle<u32>> {
    if number == 0 {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    Ok(tokio::spawn(work(number)))
}

#[rejoin::must_join]
async fn after_a_while(number: u32) -> JoinHandle<u32> {
    let number = work(number).await;
    tokio::spawn(work(number))
}

#[rejoin::must_join]
#[allow(clippy::async_yields_async, reason = "the task outlives the future")]
fn in_a_future(number: u32) -> impl Future<Output = JoinHandle<u32>> {
    println!("not started yet: {number}");
    async move {
        let number = work(number).await;
        tokio::spawn(work(number))
    }
}

#[rejoin::must_join]
#[allow(clippy::async_yields_async, reason = "the task outlives the future")]
fn in_a_box(number: u32) -> Pin<Box<dyn Future<Output = JoinHandle<u32>> + Send>> {
    Box::pin(async move { tokio::spawn(work(number)) })
}

#[rejoin::must_join]
fn endless() -> impl Iterator<Item = JoinHandle<u32>> {
    (0..).map(|number| tokio::spawn(work(number)))
}

trait Start {
    fn start(&self) -> JoinHandle<u32>;
}

struct Seven;

#[rejoin::must_join]
impl Start for Seven {
    fn start(&self) -> JoinHandle<u32> {
        tokio::spawn(work(7))
    }
}

#[async_trait]
trait StartLater {
    async fn start_later(&self) -> JoinHandle<u32>;
}

#[async_trait]
impl StartLater for Seven {
    #[rejoin::must_join]
    async fn start_later(&self) -> JoinHandle<u32> {
        let number = work(7).await;
        tokio::spawn(work(number))
    }
}

#[rejoin::must_join]
impl Seven {
    /// A handle of a type of its own.
    fn running(&self) -> Running {
        let task = self.begin();
        Running { task }
    }

    #[rejoin::must_join(name = "begin")]
    #[expect(clippy::unused_self, reason = "methods are called by their receiver")]
    fn begin(&self) -> JoinHandle<u32> {
        tokio::spawn(work(7))
    }
}

struct Running {
    task: JoinHandle<u32>,
}

#[tokio::test]
async fn the_caller_joins() {
    assert_eq!(one(1).await.unwrap(), 1);
    assert_eq!(with_a_reason(1).await.unwrap(), 1);
    assert_eq!(with_a_reason_above(1).await.unwrap(), 1);
    assert!(perhaps(0).is_none());
    for task in list(&[1, 2]).into_iter().chain(array()) {
        assert!(task.await.unwrap() > 0);
    }
    let (task, thread) = pair();
    assert_eq!(task.await.unwrap() + thread.join().unwrap(), 3);
    for (name, task) in by_name(&["a"]) {
        assert_eq!(task.await.unwrap(), name.len());
    }
    assert!(or_an_error(0).is_err());
    assert_eq!(after_a_while(1).await.await.unwrap(), 1);
    assert_eq!(in_a_future(1).await.await.unwrap(), 1);
    assert_eq!(in_a_box(1).await.await.unwrap(), 1);
    assert_eq!(endless().next().unwrap().await.unwrap(), 0);
    assert_eq!(Seven.start().await.unwrap(), 7);
    assert_eq!(Seven.start_later().await.await.unwrap(), 7);
    assert_eq!(Seven.running().task.await.unwrap(), 7);
}
