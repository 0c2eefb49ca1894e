//! `#[must_join]`: what it accepts runs as it did, with its tasks owned.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::task::JoinHandle;

fn live() -> Vec<String> {
    rejoin::root()
        .live()
        .iter()
        .map(|task| task.name().to_owned())
        .collect()
}

#[rejoin::must_join]
async fn both(a: u32, b: u32) -> Result<u32, tokio::task::JoinError> {
    let first = tokio::spawn(async move { a });
    let second: JoinHandle<u32> = tokio::spawn(async move { b });
    let (first, second) = tokio::join!(first, second);
    Ok(first? + second?)
}

#[tokio::test]
async fn a_function_runs_as_it_did() {
    assert_eq!(both(1, 2).await.unwrap(), 3);
}

#[rejoin::must_join(name = "counter")]
async fn named() -> String {
    let handle = tokio::spawn(async { live().join(",") });
    handle.await.unwrap_or_default()
}

#[tokio::test]
async fn its_tasks_are_owned_and_named() {
    assert!(named().await.split(',').any(|name| name == "counter"));
}

#[rejoin::must_join]
fn start(counter: Arc<AtomicUsize>) -> JoinHandle<()> {
    tokio::spawn(async move {
        counter.fetch_add(1, Ordering::SeqCst);
    })
}

#[rejoin::must_join(tracks(start))]
async fn by_another(counter: &Arc<AtomicUsize>) {
    let task = start(Arc::clone(counter));
    task.await.unwrap();
}

#[tokio::test]
async fn a_handle_can_be_returned_and_tracked() {
    let counter = Arc::new(AtomicUsize::new(0));
    by_another(&counter).await;
    start(Arc::clone(&counter)).await.unwrap();
    assert_eq!(counter.load(Ordering::SeqCst), 2);
}

/// Both orders with `#[task_group]`: the group has the spawns.
mod with_a_group {
    #[rejoin::must_join]
    #[rejoin::task_group]
    pub(super) async fn above(fail: bool) -> std::io::Result<u8> {
        let held = tokio::spawn(async { 1 });
        tokio::spawn(async move {
            if fail {
                return Err(std::io::Error::other("lost?"));
            }
            Ok(())
        });
        if fail {
            std::future::pending::<()>().await;
        }
        held.await.map_err(std::io::Error::other)
    }

    #[rejoin::task_group]
    #[rejoin::must_join]
    pub(super) async fn below(fail: bool) -> std::io::Result<u8> {
        let held = tokio::spawn(async { 1 });
        tokio::spawn(async move {
            if fail {
                return Err(std::io::Error::other("lost?"));
            }
            Ok(())
        });
        if fail {
            std::future::pending::<()>().await;
        }
        held.await.map_err(std::io::Error::other)
    }
}

#[tokio::test]
async fn a_group_takes_what_is_discarded_in_either_order() {
    assert_eq!(with_a_group::above(false).await.unwrap(), 1);
    assert_eq!(with_a_group::below(false).await.unwrap(), 1);
    let error = with_a_group::above(true).await.unwrap_err();
    assert_eq!(error.to_string(), "lost?");
    let error = with_a_group::below(true).await.unwrap_err();
    assert_eq!(error.to_string(), "lost?");
}

/// Both orders with `#[guarded]`, and all three.
mod with_a_guard {
    #[rejoin::must_join]
    #[rejoin::guarded(or = 0)]
    pub(super) async fn above() -> u8 {
        let task = tokio::spawn(async { 1 });
        task.await.unwrap();
        panic!("caught")
    }

    #[rejoin::guarded(or = 0)]
    #[rejoin::must_join]
    pub(super) async fn below() -> u8 {
        let task = tokio::spawn(async { 1 });
        task.await.unwrap();
        panic!("caught")
    }

    #[rejoin::guarded(or = 0)]
    #[rejoin::task_group]
    #[rejoin::must_join]
    pub(super) async fn all() -> u8 {
        tokio::spawn(async { 1 });
        panic!("caught")
    }

    #[rejoin::task_group]
    #[rejoin::guarded(or = 0)]
    #[rejoin::must_join]
    pub(super) async fn all_in_another_order() -> u8 {
        tokio::spawn(async { 1 });
        panic!("caught")
    }
}

#[tokio::test]
async fn a_guard_stands_outside_in_either_order() {
    assert_eq!(with_a_guard::above().await, 0);
    assert_eq!(with_a_guard::below().await, 0);
    assert_eq!(with_a_guard::all().await, 0);
    assert_eq!(with_a_guard::all_in_another_order().await, 0);
}

struct Pool {
    workers: Vec<JoinHandle<u32>>,
}

#[rejoin::must_join]
impl Pool {
    fn new() -> Self {
        Self {
            workers: Vec::new(),
        }
    }

    fn start(n: u32) -> JoinHandle<u32> {
        tokio::spawn(async move { n })
    }

    fn grow(&mut self, n: u32) {
        self.workers.push(Self::start(n));
        let one_more = Self::start(n);
        self.workers.push(one_more);
    }

    async fn finish(self) -> u32 {
        let mut sum = 0;
        for worker in self.workers {
            sum += worker.await.unwrap_or_default();
        }
        sum
    }
}

#[tokio::test]
async fn an_impl_is_read_whole() {
    let mut pool = Pool::new();
    pool.grow(1);
    pool.grow(2);
    assert_eq!(pool.finish().await, 6);
}

#[rejoin::must_join]
mod service {
    use std::time::Duration;

    use tokio::task;

    pub(super) trait Sum {
        async fn sum(&self) -> u64 {
            task::spawn(async { 1 }).await.unwrap_or(0)
        }
    }

    impl Sum for u64 {
        async fn sum(&self) -> u64 {
            let n = *self;
            let handle = task::spawn_blocking(move || n + 1);
            match handle.await {
                Ok(sum) => sum,
                Err(error) => panic!("the task has failed: {error}"),
            }
        }
    }

    impl Sum for () {}

    pub(super) async fn patient(time: Duration) -> Option<u8> {
        let mut work = task::spawn(async {
            tokio::time::sleep(Duration::from_secs(60)).await;
            7
        });
        if let Ok(value) = tokio::time::timeout(time, &mut work).await {
            value.ok()
        } else {
            work.abort();
            let _ = work.await;
            None
        }
    }

    mod inner {
        #[test]
        fn a_test_is_left_alone() {
            let runtime = tokio::runtime::Runtime::new().unwrap();
            runtime.block_on(async {
                tokio::spawn(async {});
            });
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_module_is_read_whole() {
    use service::Sum;
    assert_eq!(3_u64.sum().await, 4);
    assert_eq!(().sum().await, 1);
    assert_eq!(service::patient(Duration::from_secs(1)).await, None);
    assert_eq!(service::patient(Duration::from_secs(61)).await, Some(7));
}

#[async_trait::async_trait]
trait Job {
    async fn run(&self) -> u8;
}

struct Above;
struct Below;

#[rejoin::must_join]
#[async_trait::async_trait]
impl Job for Above {
    async fn run(&self) -> u8 {
        tokio::spawn(async { 1 }).await.unwrap_or(0)
    }
}

#[async_trait::async_trait]
#[rejoin::must_join]
impl Job for Below {
    async fn run(&self) -> u8 {
        let task = tokio::spawn(async { 2 });
        task.await.unwrap_or(0)
    }
}

#[tokio::test]
async fn async_trait_may_stand_on_either_side() {
    assert_eq!(Above.run().await, 1);
    assert_eq!(Below.run().await, 2);
}

#[rejoin::must_join]
fn on_a_thread(n: u8) -> u8 {
    let thread = std::thread::spawn(move || n + 1);
    thread.join().unwrap_or(0)
}

#[test]
fn a_thread_is_joined_by_its_method() {
    assert_eq!(on_a_thread(1), 2);
}

#[rejoin::must_join]
async fn lets_go(counter: Arc<AtomicUsize>) {
    let audit = tokio::spawn(async move {
        counter.fetch_add(1, Ordering::SeqCst);
    });
    rejoin::detach(audit, "the audit log is written beside the answer");
}

#[tokio::test]
async fn letting_go_is_written_down() {
    let counter = Arc::new(AtomicUsize::new(0));
    lets_go(Arc::clone(&counter)).await;
    rejoin::root().join(Duration::from_secs(5)).await;
    assert_eq!(counter.load(Ordering::SeqCst), 1);
}

/// The types of all expressions stay what they were, and nothing warns.
#[deny(warnings)]
#[warn(clippy::all, clippy::pedantic)]
#[rejoin::must_join]
mod types {
    use tokio::task::{AbortHandle, JoinError, JoinHandle};

    pub(super) async fn all() -> Result<u8, JoinError> {
        let handle: JoinHandle<u8> = tokio::spawn(async { 1 });
        let stop: AbortHandle = handle.abort_handle();
        let handles: Vec<JoinHandle<u8>> = vec![tokio::spawn(async { 2 })];
        let mut sum: u8 = 0;
        for handle in handles {
            sum += handle.await.unwrap_or(0);
        }
        drop(stop);
        Ok(sum + handle.await?)
    }

    pub(super) fn started() -> JoinHandle<u8> {
        tokio::spawn(async { 3 })
    }

    pub(super) async fn several() -> Option<Vec<JoinHandle<u8>>> {
        tokio::task::yield_now().await;
        Some(vec![started()])
    }
}

#[tokio::test]
async fn types_stay() {
    assert_eq!(types::all().await.unwrap(), 3);
    assert_eq!(types::started().await.unwrap(), 3);
    for handle in types::several().await.into_iter().flatten() {
        assert_eq!(handle.await.unwrap(), 3);
    }
}

#[rejoin::must_join]
#[tokio::test]
async fn it_may_stand_on_a_test() {
    tokio::spawn(async {}).await.unwrap();
}

#[tokio::test]
#[rejoin::must_join]
async fn on_either_side_of_it() {
    tokio::spawn(async {}).await.unwrap();
}
