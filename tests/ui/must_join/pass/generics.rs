//! Generic functions, traits, builders.
use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;

use async_trait::async_trait;
use tokio::task::{JoinError, JoinHandle};

/// Any future, its output given back.
#[rejoin::must_join]
async fn isolated<F>(future: F) -> Result<F::Output, JoinError>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    tokio::spawn(future).await
}

/// Its handle is the return value.
#[rejoin::must_join]
fn started<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future<Output: Send> + Send + 'static,
{
    tokio::spawn(future)
}

/// By an explicit `return`, too.
#[rejoin::must_join]
fn started_or_idle(busy: bool) -> JoinHandle<u32> {
    if busy {
        return tokio::spawn(async { 1 });
    }
    let idle = tokio::spawn(async { 0 });
    println!("idle in {}", idle.id());
    idle
}

/// In a `Result` and a tuple.
#[rejoin::must_join]
fn started_with_a_name(name: &str) -> Result<(String, JoinHandle<usize>), std::fmt::Error> {
    if name.is_empty() {
        return Err(std::fmt::Error);
    }
    let name = name.to_owned();
    let length = name.len();
    Ok((name, tokio::spawn(async move { length })))
}

/// Two futures side by side, whatever they are.
#[rejoin::must_join]
async fn both<A, B>(left: A, right: B) -> Result<(A::Output, B::Output), JoinError>
where
    A: Future<Output: Send> + Send + 'static,
    B: Future<Output: Send> + Send + 'static,
{
    let left = tokio::spawn(left);
    let right = tokio::spawn(right);
    let left = left.await;
    let right = right.await;
    Ok((left?, right?))
}

/// A function that maps in tasks.
#[rejoin::must_join]
async fn map<T, U, F, Fut>(items: Vec<T>, f: F) -> Vec<U>
where
    F: Fn(T) -> Fut,
    Fut: Future<Output = U> + Send + 'static,
    U: Send + 'static,
{
    let mut tasks = Vec::with_capacity(items.len());
    for item in items {
        tasks.push(tokio::spawn(f(item)));
    }
    let mut mapped = Vec::with_capacity(tasks.len());
    for task in tasks {
        match task.await {
            Ok(value) => mapped.push(value),
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }
    mapped
}

/// A boxed future.
#[rejoin::must_join]
fn boxed(number: u32) -> Pin<Box<dyn Future<Output = Result<u32, JoinError>> + Send>> {
    Box::pin(async move {
        let task = tokio::spawn(async move { number });
        task.await
    })
}

/// A builder whose last step starts.
#[derive(Default)]
struct Builder {
    name: String,
    repeat: u32,
}

struct Running {
    name: String,
    task: JoinHandle<u32>,
}

impl Builder {
    fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    fn repeat(mut self, repeat: u32) -> Self {
        self.repeat = repeat;
        self
    }

    #[rejoin::must_join]
    fn start(self) -> Running {
        let Self { name, repeat } = self;
        let task = tokio::spawn(async move { (0..repeat).sum() });
        Running { name, task }
    }
}

trait Store: Send + Sync + 'static {
    fn get(&self, key: u32) -> impl Future<Output = Option<u32>> + Send;
}

struct Memory;

impl Store for Memory {
    #[rejoin::must_join]
    async fn get(&self, key: u32) -> Option<u32> {
        let found = tokio::task::spawn_blocking(move || key.checked_mul(2));
        found.await.ok().flatten()
    }
}

#[async_trait]
trait Job: Debug {
    async fn run(&self) -> u32;

    async fn run_twice(&self) -> u32 {
        self.run().await + self.run().await
    }
}

#[derive(Debug)]
struct Count(u32);

#[async_trait]
impl Job for Count {
    #[rejoin::must_join]
    async fn run(&self) -> u32 {
        let count = self.0;
        let task = tokio::spawn(async move { count + 1 });
        task.await.unwrap_or(count)
    }
}

#[tokio::test]
async fn generics_hold() {
    assert_eq!(isolated(async { 1 }).await.unwrap(), 1);
    assert_eq!(started(async { 1 }).await.unwrap(), 1);
    assert_eq!(started_or_idle(true).await.unwrap(), 1);
    assert_eq!(started_or_idle(false).await.unwrap(), 0);
    let (name, length) = started_with_a_name("abc").unwrap();
    assert_eq!((name.len(), length.await.unwrap()), (3, 3));
    assert_eq!(both(async { 1 }, async { "b" }).await.unwrap(), (1, "b"));
    assert_eq!(map(vec![1, 2], |x| async move { x + 1 }).await, [2, 3]);
    assert_eq!(boxed(4).await.unwrap(), 4);
    let running = Builder::default().name("sum").repeat(4).start();
    assert_eq!(
        (running.name.as_str(), running.task.await.unwrap()),
        ("sum", 6)
    );
    assert_eq!(Memory.get(21).await, Some(42));
    assert_eq!(Count(1).run_twice().await, 4);
}
