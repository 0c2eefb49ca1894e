//! Calls that look like spawns and are none, and code that the attribute cannot read.
use std::process::{Command, Stdio};
use std::sync::Arc;

use tokio::runtime::{Handle, Runtime};
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, LocalSet};

/// A process is no task.
#[rejoin::must_join]
fn process() -> std::io::Result<()> {
    Command::new("true").stdout(Stdio::null()).spawn()?.wait()?;
    Ok(())
}

#[derive(Default)]
struct Pool {
    jobs: std::cell::Cell<u32>,
}

impl Pool {
    fn spawn(&self, job: impl FnOnce()) {
        self.jobs.update(|jobs| jobs + 1);
        job();
    }
}

/// A pool that has a `spawn` of its own.
#[rejoin::must_join]
fn pool(pool: &Pool) {
    pool.spawn(|| println!("a job"));
}

fn spawn(number: u32) -> u32 {
    number
}

/// A function of the same name.
#[rejoin::must_join]
fn same_name() -> u32 {
    spawn(1);
    spawn(2)
}

/// A name that is bound here.
#[rejoin::must_join]
fn bound(spawn: impl Fn(u32) -> u32) -> u32 {
    spawn(1);
    spawn(2)
}

mod task {
    pub(super) fn spawn(number: u32) -> u32 {
        number
    }
}

/// A module of the same name.
#[rejoin::must_join]
fn same_module() -> u32 {
    task::spawn(1);
    task::spawn(2)
}

trait Spawn {
    fn spawn(number: u32) -> u32;
}

impl Spawn for Pool {
    fn spawn(number: u32) -> u32 {
        number
    }
}

/// An associated function of the same name.
#[rejoin::must_join]
fn associated<T: Spawn>() -> u32 {
    T::spawn(1);
    <Pool as Spawn>::spawn(2)
}

/// The tasks of a runtime and of a handle are joined through their handles.
#[rejoin::must_join]
async fn of_a_runtime(runtime: &Runtime, handle: &Handle) {
    let first = runtime.spawn(async {});
    let _ = handle.spawn(async {}).await;
    let _ = first.await;
}

/// The type of a `LocalSet` is not read.
#[rejoin::must_join]
async fn of_a_local_set() -> u32 {
    let local = LocalSet::new();
    let task = local.spawn_local(async { 1 });
    local.await;
    task.await.unwrap_or(0)
}

/// An aliased function pointer is not seen.
#[rejoin::must_join]
async fn pointer() -> u32 {
    let start = tokio::spawn::<std::future::Ready<u32>>;
    let task = start(std::future::ready(1));
    task.await.unwrap_or(0)
}

/// Given to a function: it has it.
#[rejoin::must_join]
fn given(registry: &mut Vec<JoinHandle<()>>) {
    fn keep(registry: &mut Vec<JoinHandle<()>>, task: JoinHandle<()>) {
        registry.push(task);
    }

    keep(registry, tokio::spawn(async {}));
    let task = tokio::spawn(async {});
    keep(registry, task);
}

/// Put into a list that came from outside.
#[rejoin::must_join]
fn put(registry: &mut Vec<JoinHandle<u32>>) {
    registry.push(tokio::spawn(async { 1 }));
    let task = tokio::spawn(async { 2 });
    registry.push(task);
    registry.extend((3..5).map(|number| tokio::spawn(async move { number })));
}

/// Wrapped by whatever takes it.
#[rejoin::must_join]
fn wrapped() -> Arc<JoinHandle<u32>> {
    let task = tokio::spawn(async { 1 });
    Arc::new(task)
}

/// A method that takes `self` is not known to let go.
#[rejoin::must_join]
async fn by_method(reaper: mpsc::Sender<JoinHandle<u32>>) -> bool {
    trait Reap {
        async fn reap(self, reaper: &mpsc::Sender<JoinHandle<u32>>) -> bool;
    }

    impl Reap for JoinHandle<u32> {
        async fn reap(self, reaper: &mpsc::Sender<JoinHandle<u32>>) -> bool {
            reaper.send(self).await.is_ok()
        }
    }

    let task = tokio::spawn(async { 1 });
    task.reap(&reaper).await
}

/// Given to `select` of `futures`, which gives the loser back.
#[rejoin::must_join]
async fn given_back() -> u32 {
    use futures::future::{Either, select};

    let left = tokio::spawn(async { 1 });
    let right = tokio::spawn(async { 1 });
    match select(left, right).await {
        Either::Left((won, other)) | Either::Right((won, other)) => {
            other.abort();
            let _ = other.await;
            won.unwrap_or(0)
        }
    }
}

/// A nested function is a function of its own.
#[rejoin::must_join]
fn nested() -> u32 {
    fn inner() {
        tokio::spawn(async {});
    }

    let _: fn() = inner;
    1
}

/// Kept in a static, for as long as the program runs.
#[rejoin::must_join]
fn in_a_static() -> bool {
    static FLUSHER: std::sync::OnceLock<JoinHandle<()>> = std::sync::OnceLock::new();

    let task = tokio::spawn(async {});
    FLUSHER.set(task).is_ok()
}

#[tokio::test]
async fn friends_are_left_alone() {
    process().unwrap();
    pool(&Pool::default());
    assert_eq!(same_name(), 2);
    assert_eq!(bound(|number| number), 2);
    assert_eq!(same_module(), 2);
    assert_eq!(associated::<Pool>(), 2);
    assert_eq!(of_a_local_set().await, 1);
    assert_eq!(pointer().await, 1);
    let mut registry = Vec::new();
    given(&mut registry);
    assert_eq!(registry.len(), 2);
    let mut registry = Vec::new();
    put(&mut registry);
    assert_eq!(registry.len(), 4);
    drop(wrapped());
    let (reaper, mut inbox) = mpsc::channel(1);
    assert!(by_method(reaper).await);
    assert_eq!(inbox.recv().await.unwrap().await.unwrap(), 1);
    assert_eq!(given_back().await, 1);
    assert_eq!(nested(), 1);
    assert!(in_a_static());
}
