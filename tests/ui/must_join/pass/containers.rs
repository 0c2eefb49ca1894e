//! Whole blocks and modules, and functions that hand their handles on.
use std::sync::Arc;

use tokio::sync::Notify;
use tokio::task::JoinHandle;

struct Service {
    stop: Arc<Notify>,
    task: Option<JoinHandle<u32>>,
}

#[rejoin::must_join]
impl Service {
    const LIMIT: u32 = 3;

    fn new() -> Self {
        Self {
            stop: Arc::new(Notify::new()),
            task: None,
        }
    }

    fn begin(&self) -> JoinHandle<u32> {
        let stop = Arc::clone(&self.stop);
        tokio::spawn(async move {
            stop.notified().await;
            Self::LIMIT
        })
    }

    fn start(&mut self) {
        self.task = Some(self.begin());
    }

    async fn run_once(&self) -> u32 {
        let task = self.begin();
        self.stop.notify_one();
        task.await.unwrap_or(0)
    }

    async fn run_twice(&self) -> u32 {
        let sum = self.run_once().await;
        let task = Self::idle();
        sum + task.await.unwrap_or(0)
    }

    fn idle() -> JoinHandle<u32> {
        let idle = std::future::ready(0);
        tokio::spawn(idle)
    }

    async fn stop(mut self) -> Option<u32> {
        self.stop.notify_one();
        self.task.take()?.await.ok()
    }
}

trait Runner {
    fn number(&self) -> u32;
    async fn run(&self) -> u32;
}

#[rejoin::must_join]
impl Runner for Service {
    fn number(&self) -> u32 {
        Self::LIMIT
    }

    async fn run(&self) -> u32 {
        let number = self.number();
        let task = tokio::spawn(async move { number });
        task.await.unwrap_or(0)
    }
}

#[rejoin::must_join]
trait Defaults {
    fn number(&self) -> u32 {
        1
    }

    fn start(&self) -> JoinHandle<u32> {
        let number = self.number();
        tokio::spawn(async move { number })
    }

    async fn run(&self) -> u32 {
        let task = self.start();
        task.await.unwrap_or(0)
    }
}

struct Plain;

impl Defaults for Plain {}

#[rejoin::must_join]
mod jobs {
    use std::thread;

    use tokio::task::{self, JoinHandle};

    async fn work(number: u32) -> u32 {
        number
    }

    fn start(number: u32) -> JoinHandle<u32> {
        task::spawn(work(number))
    }

    fn start_all(numbers: &[u32]) -> Vec<JoinHandle<u32>> {
        numbers.iter().map(|&number| start(number)).collect()
    }

    fn start_if(number: u32) -> Option<JoinHandle<u32>> {
        (number > 0).then(|| start(number))
    }

    pub(super) async fn one() -> u32 {
        let task = start(1);
        task.await.unwrap_or(0)
    }

    pub(super) async fn many() -> u32 {
        let mut sum = 0;
        for task in start_all(&[1, 2]) {
            sum += task.await.unwrap_or(0);
        }
        sum
    }

    pub(super) async fn maybe(number: u32) -> u32 {
        match start_if(number) {
            Some(task) => task.await.unwrap_or(0),
            None => 0,
        }
    }

    pub(super) fn on_a_thread() -> u32 {
        let thread = thread::spawn(|| 1);
        thread.join().unwrap_or(0)
    }

    pub(super) async fn blocking() -> u32 {
        task::spawn_blocking(|| 1).await.unwrap_or(0)
    }

    pub(super) mod nested {
        use tokio::spawn as go;

        pub(crate) async fn one() -> u32 {
            go(async { 1 }).await.unwrap_or(0)
        }
    }
}

/// What a whole `impl` leaves alone: a destructor cannot wait.
struct Guard(Arc<Notify>);

#[rejoin::must_join]
impl Drop for Guard {
    fn drop(&mut self) {
        let told = Arc::clone(&self.0);
        tokio::spawn(async move { told.notify_one() });
    }
}

/// And a whole module: tests, and what belongs to them alone.
#[rejoin::must_join]
mod with_tests {
    pub(super) async fn answer() -> u32 {
        tokio::spawn(async { 42 }).await.unwrap_or(0)
    }

    #[tokio::test]
    async fn starts_and_forgets() {
        tokio::spawn(async {});
        assert_eq!(answer().await, 42);
    }

    #[cfg(test)]
    mod helpers {
        pub(super) fn start() {
            tokio::spawn(async {});
        }
    }

    #[tokio::test]
    async fn starts_by_a_helper() {
        helpers::start();
        assert_eq!(answer().await, 42);
    }
}

macro_rules! isolated {
    ($name:ident, $future:expr) => {
        #[rejoin::must_join]
        async fn $name() -> u32 {
            let task = tokio::spawn($future);
            task.await.unwrap_or(0)
        }
    };
}

isolated!(six, async { 6 });
isolated!(seven, std::future::ready(7));

/// Functions of one's own that give handles.
mod pool {
    use tokio::task::JoinHandle;

    pub(super) fn submit(number: u32) -> JoinHandle<u32> {
        tokio::spawn(async move { number })
    }

    pub(super) fn submit_later(priority: u8, number: u32) -> JoinHandle<u32> {
        submit(number + u32::from(priority))
    }
}

#[rejoin::must_join(tracks(pool::submit, pool::submit_later))]
async fn tracked() -> u32 {
    let now = pool::submit(1);
    let later = pool::submit_later(1, 1);
    let now = now.await.unwrap_or(0);
    now + later.await.unwrap_or(0)
}

#[rejoin::must_join(tracks(pool::submit), name = "first")]
async fn tracked_by_name() -> u32 {
    pool::submit(1).await.unwrap_or(0)
}

#[tokio::test]
async fn containers_join() {
    let mut service = Service::new();
    assert_eq!(service.run_twice().await, 3);
    assert_eq!(service.run().await, 3);
    service.start();
    assert_eq!(service.stop().await, Some(3));
    assert_eq!(Plain.run().await, 1);
    assert_eq!(jobs::one().await, 1);
    assert_eq!(jobs::many().await, 3);
    assert_eq!(jobs::maybe(0).await + jobs::maybe(2).await, 2);
    assert_eq!(jobs::on_a_thread(), 1);
    assert_eq!(jobs::blocking().await, 1);
    assert_eq!(jobs::nested::one().await, 1);
    let told = Arc::new(Notify::new());
    drop(Guard(Arc::clone(&told)));
    told.notified().await;
    assert_eq!(with_tests::answer().await, 42);
    assert_eq!(six().await + seven().await, 13);
    assert_eq!(tracked().await, 3);
    assert_eq!(tracked_by_name().await, 1);
}
