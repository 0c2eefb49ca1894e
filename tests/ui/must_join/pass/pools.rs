//! Pools of workers.
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use futures::future::join_all;
use futures::stream::{FuturesUnordered, StreamExt};
use tokio::sync::{Mutex, Semaphore, mpsc, oneshot};
use tokio::task::{JoinError, JoinHandle};

async fn crunch(job: u64) -> u64 {
    job * 2
}

/// N workers take from one queue; all of them are joined when it is closed.
#[rejoin::must_join]
async fn fixed(workers: usize, jobs: Vec<u64>) -> u64 {
    let (queue, inbox) = mpsc::channel(8);
    let inbox = Arc::new(Mutex::new(inbox));
    let mut pool = Vec::with_capacity(workers);
    for _ in 0..workers {
        let inbox = Arc::clone(&inbox);
        pool.push(tokio::spawn(async move {
            let mut sum = 0;
            loop {
                let job = inbox.lock().await.recv().await;
                let Some(job) = job else { return sum };
                sum += crunch(job).await;
            }
        }));
    }
    for job in jobs {
        if queue.send(job).await.is_err() {
            break;
        }
    }
    drop(queue);
    let mut total = 0;
    for worker in pool {
        total += worker.await.unwrap_or_default();
    }
    total
}

/// Collected, and joined in one expression.
#[rejoin::must_join]
async fn collected(jobs: Vec<u64>) -> Vec<Result<u64, JoinError>> {
    let tasks: Vec<_> = jobs
        .into_iter()
        .map(|job| tokio::spawn(crunch(job)))
        .collect();
    join_all(tasks).await
}

/// Without a name for the list.
#[rejoin::must_join]
async fn at_once(jobs: Vec<u64>) -> Result<Vec<u64>, JoinError> {
    join_all(jobs.into_iter().map(|job| tokio::spawn(crunch(job))))
        .await
        .into_iter()
        .collect()
}

/// A set of futures of which everybody knows how many there are.
#[rejoin::must_join]
async fn counted(count: u64) -> u64 {
    let mut running = FuturesUnordered::new();
    for job in 0..count {
        running.push(tokio::spawn(crunch(job)));
    }
    let mut sum = 0;
    for _ in 0..count {
        if let Some(Ok(done)) = running.next().await {
            sum += done;
        }
    }
    sum
}

/// One that is there if it is asked for.
#[rejoin::must_join]
async fn perhaps(job: Option<u64>) -> Result<u64, JoinError> {
    let extra = job.map(|job| tokio::spawn(crunch(job)));
    let own = crunch(1).await;
    match extra {
        Some(extra) => Ok(own + extra.await?),
        None => Ok(own),
    }
}

/// A set of futures that is polled until it is empty.
#[rejoin::must_join]
async fn unordered(jobs: Vec<u64>) -> u64 {
    let mut running = FuturesUnordered::new();
    for job in jobs {
        running.push(tokio::spawn(crunch(job)));
    }
    let mut total = 0;
    while let Some(done) = running.next().await {
        total += done.unwrap_or(0);
    }
    total
}

/// Never more than so many at once: the oldest is joined to make room.
#[rejoin::must_join]
async fn sliding(jobs: Vec<u64>, width: usize) -> Result<u64, JoinError> {
    let mut running = FuturesUnordered::new();
    let mut results = Vec::new();
    for job in jobs {
        if running.len() == width
            && let Some(done) = running.next().await
        {
            results.push(done);
        }
        running.push(tokio::spawn(crunch(job)));
    }
    while let Some(done) = running.next().await {
        results.push(done);
    }
    results.into_iter().sum()
}

/// A semaphore bounds what runs; the list holds what was started.
#[rejoin::must_join]
async fn bounded(jobs: Vec<u64>) -> Result<u64, JoinError> {
    let limit = Arc::new(Semaphore::new(4));
    let mut tasks = Vec::new();
    for job in jobs {
        let limit = Arc::clone(&limit);
        tasks.push(tokio::spawn(async move {
            let _permit = limit.acquire().await;
            crunch(job).await
        }));
    }
    let mut results = Vec::new();
    for task in tasks.drain(..) {
        results.push(task.await);
    }
    results.into_iter().sum()
}

/// Under their names, so that each answer finds its question.
#[rejoin::must_join]
async fn named(jobs: HashMap<String, u64>) -> BTreeMap<String, u64> {
    let mut running = HashMap::new();
    for (name, job) in jobs {
        running.insert(name, tokio::spawn(crunch(job)));
    }
    let mut done = BTreeMap::new();
    for (name, task) in running {
        if let Ok(answer) = task.await {
            done.insert(name, answer);
        }
    }
    done
}

/// An array of a known length.
#[rejoin::must_join]
async fn four_shards(seed: u64) -> [u64; 4] {
    let shards = [
        tokio::spawn(crunch(seed)),
        tokio::spawn(crunch(seed + 1)),
        tokio::spawn(crunch(seed + 2)),
        tokio::spawn(crunch(seed + 3)),
    ];
    let mut sums = [0; 4];
    for (sum, shard) in sums.iter_mut().zip(shards) {
        *sum = shard.await.unwrap_or(0);
    }
    sums
}

/// In chunks: each chunk is joined before the next begins.
#[rejoin::must_join]
async fn chunked(jobs: &[u64]) -> Result<u64, JoinError> {
    let mut total = 0;
    for chunk in jobs.chunks(16) {
        let tasks = chunk
            .iter()
            .map(|&job| tokio::spawn(crunch(job)))
            .collect::<Vec<_>>();
        for sum in join_all(tasks).await {
            total += sum?;
        }
    }
    Ok(total)
}

/// A pool that is a struct: the handles live in its field.
struct Pool {
    queue: mpsc::Sender<(u64, oneshot::Sender<u64>)>,
    workers: Vec<JoinHandle<()>>,
}

impl Pool {
    #[rejoin::must_join]
    fn start(workers: usize) -> Self {
        let (queue, inbox) = mpsc::channel::<(u64, oneshot::Sender<u64>)>(workers);
        let inbox = Arc::new(Mutex::new(inbox));
        let workers = (0..workers)
            .map(|_| {
                let inbox = Arc::clone(&inbox);
                tokio::spawn(async move {
                    while let Some((job, answer)) = { inbox.lock().await.recv().await } {
                        let _ = answer.send(crunch(job).await);
                    }
                })
            })
            .collect();
        Self { queue, workers }
    }

    #[rejoin::must_join]
    fn grow(&mut self, by: usize) {
        for _ in 0..by {
            self.workers.push(tokio::spawn(async {}));
        }
    }

    async fn run(&self, job: u64) -> Option<u64> {
        let (answer, answered) = oneshot::channel();
        self.queue.send((job, answer)).await.ok()?;
        answered.await.ok()
    }

    #[rejoin::must_join]
    async fn stop(self) -> Result<(), JoinError> {
        drop(self.queue);
        for worker in self.workers {
            worker.await?;
        }
        Ok(())
    }
}

/// Blocking work on tokio's threads, its sums added up here.
#[rejoin::must_join]
async fn blocking(parts: Vec<Vec<u64>>) -> u64 {
    let mut sums = vec![];
    for part in parts {
        sums.push(tokio::task::spawn_blocking(move || {
            part.iter().sum::<u64>()
        }));
    }
    let mut total = 0;
    for sum in sums {
        total += sum.await.expect("a sum panicked");
    }
    total
}

#[tokio::test]
async fn pools_answer() {
    let jobs: Vec<u64> = (1..=10).collect();
    assert_eq!(fixed(3, jobs.clone()).await, 110);
    assert_eq!(collected(jobs.clone()).await.len(), 10);
    assert_eq!(at_once(jobs.clone()).await.unwrap()[9], 20);
    assert_eq!(unordered(jobs.clone()).await, 110);
    assert_eq!(sliding(jobs.clone(), 2).await.unwrap(), 110);
    assert_eq!(bounded(jobs.clone()).await.unwrap(), 110);
    assert_eq!(chunked(&jobs).await.unwrap(), 110);
    assert_eq!(four_shards(1).await, [2, 4, 6, 8]);
    assert_eq!(blocking(vec![jobs.clone(), jobs]).await, 110);
    assert_eq!(named(HashMap::from([("a".to_owned(), 1)])).await["a"], 2);

    let mut pool = Pool::start(2);
    pool.grow(1);
    assert_eq!(pool.run(21).await, Some(42));
    pool.stop().await.unwrap();
}
