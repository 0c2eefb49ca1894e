//! Background workers: started, kept in fields, stopped, started anew.
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::{Mutex, Notify, mpsc, watch};
use tokio::task::{AbortHandle, JoinError, JoinHandle};

async fn flush_forever(ticks: Arc<AtomicU64>) {
    let mut every = tokio::time::interval(Duration::from_secs(5));
    loop {
        every.tick().await;
        ticks.fetch_add(1, Ordering::Relaxed);
    }
}

/// A worker that may or may not run.
#[derive(Default)]
struct Flusher {
    ticks: Arc<AtomicU64>,
    task: Option<JoinHandle<()>>,
}

impl Flusher {
    #[rejoin::must_join]
    fn start(&mut self) {
        if self.task.is_none() {
            self.task = Some(tokio::spawn(flush_forever(Arc::clone(&self.ticks))));
        }
    }

    #[rejoin::must_join]
    fn started(&mut self) -> &mut JoinHandle<()> {
        let ticks = Arc::clone(&self.ticks);
        self.task
            .get_or_insert_with(|| tokio::spawn(flush_forever(ticks)))
    }

    #[rejoin::must_join]
    async fn stop(&mut self) {
        if let Some(task) = self.task.take() {
            task.abort();
            let _ = task.await;
        }
    }

    /// The old one is brought home before the new one begins.
    #[rejoin::must_join]
    async fn restart(&mut self) {
        let next = tokio::spawn(flush_forever(Arc::clone(&self.ticks)));
        if let Some(old) = self.task.replace(next) {
            old.abort();
            let _ = old.await;
        }
    }
}

/// The handle lives as long as the cache; its drop aborts.
struct Cache {
    sweeper: JoinHandle<()>,
}

impl Cache {
    #[rejoin::must_join]
    fn new() -> Self {
        let sweeper = tokio::spawn(async { std::future::pending().await });
        Self { sweeper }
    }
}

impl Drop for Cache {
    fn drop(&mut self) {
        self.sweeper.abort();
    }
}

/// A tuple struct, and the short form of a field.
struct Ticker(JoinHandle<u32>);

#[rejoin::must_join]
fn ticker() -> Ticker {
    Ticker(tokio::spawn(async { 1 }))
}

/// A guard that aborts: the handle is given to it.
struct AbortOnDrop(AbortHandle);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

#[rejoin::must_join]
async fn while_it_runs(work: impl Future<Output = u32>) -> u32 {
    let beat = tokio::spawn(std::future::pending::<()>());
    let guard = AbortOnDrop(beat.abort_handle());
    let done = work.await;
    drop(guard);
    let _ = beat.await;
    done
}

/// A registry of workers by name.
#[derive(Default)]
struct Registry {
    workers: Mutex<HashMap<String, JoinHandle<()>>>,
}

impl Registry {
    #[rejoin::must_join]
    async fn add(&self, name: &str) -> bool {
        let mut workers = self.workers.lock().await;
        if workers.contains_key(name) {
            return false;
        }
        workers.insert(name.to_owned(), tokio::spawn(async {}));
        true
    }

    #[rejoin::must_join]
    async fn replace(&self, name: &str) -> Result<(), JoinError> {
        let worker = tokio::spawn(async {});
        let old = self.workers.lock().await.insert(name.to_owned(), worker);
        match old {
            Some(old) => old.await,
            None => Ok(()),
        }
    }

    #[rejoin::must_join]
    async fn stop_all(&self) {
        let workers = std::mem::take(&mut *self.workers.lock().await);
        for (name, worker) in workers {
            if let Err(error) = worker.await {
                eprintln!("{name}: {error}");
            }
        }
    }
}

/// A worker that is told to end, with a last look at what it did.
#[rejoin::must_join]
async fn counted(rounds: u64) -> u64 {
    let count = Arc::new(AtomicU64::new(0));
    let stop = Arc::new(Notify::new());
    let worker = {
        let (count, stop) = (Arc::clone(&count), Arc::clone(&stop));
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    () = stop.notified() => break,
                    () = tokio::task::yield_now() => {
                        count.fetch_add(1, Ordering::Relaxed);
                    }
                }
            }
        })
    };
    while count.load(Ordering::Relaxed) < rounds {
        tokio::task::yield_now().await;
    }
    stop.notify_one();
    if let Err(error) = worker.await {
        panic!("the worker failed: {error}");
    }
    count.load(Ordering::Relaxed)
}

/// Started anew whenever the configuration changes; the old one is joined each time.
#[rejoin::must_join]
async fn reconfigured(mut config: watch::Receiver<u32>) -> u32 {
    let mut generations = 0;
    let mut worker = tokio::spawn(std::future::pending::<()>());
    while config.changed().await.is_ok() {
        worker.abort();
        let _ = worker.await;
        generations += 1;
        worker = tokio::spawn(std::future::pending());
    }
    worker.abort();
    let _ = worker.await;
    generations
}

/// A worker for each message kind, in a struct of their own.
struct Workers {
    fast: JoinHandle<usize>,
    slow: JoinHandle<usize>,
}

#[rejoin::must_join]
async fn by_kind(messages: Vec<u32>) -> Result<(usize, usize), JoinError> {
    let (fast_in, mut fast) = mpsc::unbounded_channel();
    let (slow_in, mut slow) = mpsc::unbounded_channel();
    let workers = Workers {
        fast: tokio::spawn(async move {
            let mut seen = 0;
            while fast.recv().await.is_some() {
                seen += 1;
            }
            seen
        }),
        slow: tokio::spawn(async move {
            let mut seen = 0;
            while slow.recv().await.is_some() {
                seen += 1;
            }
            seen
        }),
    };
    for message in messages {
        let lane = if message < 10 { &fast_in } else { &slow_in };
        let _ = lane.send(message);
    }
    drop((fast_in, slow_in));
    let Workers { fast, slow } = workers;
    let fast = fast.await;
    let slow = slow.await;
    Ok((fast?, slow?))
}

/// A one-off worker whose end is somebody else's business: handed over through a channel.
#[rejoin::must_join]
fn hand_over(reaper: &mpsc::UnboundedSender<JoinHandle<()>>) -> bool {
    let task = tokio::spawn(async {});
    reaper.send(task).is_ok()
}

#[tokio::test]
async fn workers_come_home() {
    let mut flusher = Flusher::default();
    flusher.start();
    assert!(!flusher.started().is_finished());
    flusher.restart().await;
    flusher.stop().await;

    drop(Cache::new());
    assert_eq!(ticker().0.await.unwrap(), 1);
    assert_eq!(while_it_runs(async { 3 }).await, 3);
    let registry = Registry::default();
    assert!(registry.add("a").await);
    assert!(!registry.add("a").await);
    registry.replace("a").await.unwrap();
    registry.stop_all().await;
    assert!(counted(3).await >= 3);
    let (changes, config) = watch::channel(0);
    let (generations, ()) = tokio::join!(reconfigured(config), async move {
        changes.send_replace(1);
        tokio::task::yield_now().await;
    });
    assert!(generations <= 1);
    assert_eq!(by_kind(vec![1, 20, 30]).await.unwrap(), (1, 2));
    let (reaper, mut reaped) = mpsc::unbounded_channel();
    assert!(hand_over(&reaper));
    reaped.recv().await.unwrap().await.unwrap();
}
