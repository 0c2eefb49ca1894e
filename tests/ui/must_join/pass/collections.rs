//! Collections of handles, and what is done with them.
use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use futures::future::{join_all, select_all};
use futures::stream::{FuturesOrdered, FuturesUnordered, StreamExt};
use tokio::sync::mpsc;
use tokio::task::{JoinError, JoinHandle};
use tokio_util::sync::CancellationToken;

async fn work(number: u32) -> u32 {
    number
}

/// Work comes and work is done, in one loop.
#[rejoin::must_join]
async fn to_the_end(mut jobs: mpsc::Receiver<u32>) -> u32 {
    let mut running = FuturesUnordered::new();
    let mut sum = 0;
    loop {
        tokio::select! {
            Some(job) = jobs.recv() => running.push(tokio::spawn(work(job))),
            Some(done) = running.next() => sum += done.unwrap_or(0),
            else => return sum,
        }
    }
}

/// What still runs when the loop is left is joined behind it.
#[rejoin::must_join]
async fn and_drained(mut jobs: mpsc::Receiver<u32>, stop: CancellationToken) -> u32 {
    let mut running = FuturesUnordered::new();
    let mut sum = 0;
    loop {
        tokio::select! {
            biased;
            job = jobs.recv() => match job {
                Some(job) => running.push(tokio::spawn(work(job))),
                None => break,
            },
            Some(done) = running.next(), if !running.is_empty() => sum += done.unwrap_or(0),
            () = stop.cancelled() => break,
        }
    }
    while let Some(done) = running.next().await {
        sum += done.unwrap_or(0);
    }
    sum
}

/// Until the set is empty, with something else to do meanwhile.
#[rejoin::must_join]
async fn until_empty(numbers: Vec<u32>) -> (u32, u32) {
    let mut running: FuturesUnordered<_> = numbers
        .into_iter()
        .map(|number| tokio::spawn(work(number)))
        .collect();
    let (mut sum, mut turns) = (0, 0);
    while !running.is_empty() {
        tokio::select! {
            biased;
            Some(done) = running.next() => sum += done.unwrap_or(0),
            () = tokio::task::yield_now() => turns += 1,
        }
    }
    (sum, turns)
}

/// In the order of their start.
#[rejoin::must_join]
async fn in_order(numbers: Vec<u32>) -> Result<Vec<u32>, JoinError> {
    let mut running = FuturesOrdered::new();
    for number in numbers {
        running.push_back(tokio::spawn(work(number)));
    }
    let mut done = Vec::new();
    while let Some(number) = running.next().await {
        done.push(number);
    }
    done.into_iter().collect()
}

/// A queue whose oldest is joined when it is full.
#[rejoin::must_join]
async fn queue(numbers: Vec<u32>) -> Vec<u32> {
    let mut queue = VecDeque::new();
    let mut done = Vec::new();
    for number in numbers {
        queue.push_back(tokio::spawn(work(number)));
        if queue.len() > 2
            && let Some(oldest) = queue.pop_front()
        {
            done.extend(oldest.await);
        }
    }
    while let Some(task) = queue.pop_front() {
        done.extend(task.await);
    }
    done
}

/// The old one under a key is joined when a new one takes its place.
#[rejoin::must_join]
async fn by_key(numbers: Vec<(&'static str, u32)>) -> u32 {
    let mut running = HashMap::new();
    let mut sum = 0;
    for (key, number) in numbers {
        if let Some(old) = running.insert(key, tokio::spawn(work(number))) {
            sum += old.await.unwrap_or(0);
        }
    }
    for done in join_all(running.into_values()).await {
        sum += done.unwrap_or(0);
    }
    sum
}

/// Started on demand, one for each key.
#[rejoin::must_join]
async fn on_demand(keys: Vec<&'static str>) -> usize {
    let mut running = HashMap::new();
    for key in keys {
        running
            .entry(key)
            .or_insert_with(|| tokio::spawn(async move { key.len() }));
    }
    let mut total = 0;
    for task in running.values_mut() {
        total += task.await.unwrap_or(0);
    }
    total
}

/// Those that are done leave early; the others are joined at the end.
#[rejoin::must_join]
async fn swept(numbers: Vec<u32>) -> usize {
    let mut tasks: Vec<JoinHandle<u32>> = Vec::new();
    let mut done = Vec::new();
    for number in numbers {
        let (ended, running): (Vec<_>, Vec<_>) =
            tasks.into_iter().partition(JoinHandle::is_finished);
        done.extend(join_all(ended).await);
        tasks = running;
        tasks.push(tokio::spawn(work(number)));
        tokio::task::yield_now().await;
    }
    done.extend(join_all(tasks).await);
    done.len()
}

/// The first that ends, and then the rest.
#[rejoin::must_join]
async fn first_of_many(numbers: Vec<u32>) -> Option<u32> {
    let tasks: Vec<_> = numbers
        .into_iter()
        .map(|number| tokio::spawn(work(number)))
        .collect();
    if tasks.is_empty() {
        return None;
    }
    let (first, _, rest) = select_all(tasks).await;
    for task in &rest {
        task.abort();
    }
    join_all(rest).await;
    first.ok()
}

/// Each in its place, by reference.
#[rejoin::must_join]
async fn in_place(numbers: [u32; 2]) -> u32 {
    let mut tasks = numbers.map(|number| tokio::spawn(work(number)));
    let mut sum = 0;
    for task in &mut tasks {
        sum += task.await.unwrap_or(0);
    }
    sum
}

/// By index.
#[rejoin::must_join]
#[allow(clippy::needless_range_loop, reason = "as it is found in older code")]
async fn by_index() -> u32 {
    let mut tasks = [tokio::spawn(work(1)), tokio::spawn(work(2))];
    let mut sum = 0;
    for index in 0..tasks.len() {
        sum += (&mut tasks[index]).await.unwrap_or(0);
    }
    sum
}

/// Each with a time limit of its own; one that is late is stopped and awaited.
#[rejoin::must_join]
async fn each_in_time(numbers: Vec<u32>, limit: Duration) -> u32 {
    let tasks: Vec<_> = numbers
        .into_iter()
        .map(|number| tokio::spawn(work(number)))
        .collect();
    let mut sum = 0;
    for mut task in tasks {
        if let Ok(done) = tokio::time::timeout(limit, &mut task).await {
            sum += done.unwrap_or(0);
        } else {
            task.abort();
            let _ = task.await;
        }
    }
    sum
}

/// Two lists, joined as one.
#[rejoin::must_join]
async fn two_lists(numbers: Vec<u32>) -> usize {
    let (mut even, mut odd) = (Vec::new(), Vec::new());
    for number in numbers {
        let task = tokio::spawn(work(number));
        if number.is_multiple_of(2) {
            even.push(task);
        } else {
            odd.push(task);
        }
    }
    join_all(even.into_iter().chain(odd)).await.len()
}

/// A list of lists.
#[rejoin::must_join]
async fn nested(groups: Vec<Vec<u32>>) -> Result<Vec<u32>, JoinError> {
    let mut started = Vec::new();
    for group in groups {
        let tasks: Vec<_> = group
            .into_iter()
            .map(|number| tokio::spawn(work(number)))
            .collect();
        started.push(tasks);
    }
    let mut sums = Vec::new();
    for tasks in started {
        sums.push(join_all(tasks).await.into_iter().sum());
    }
    sums.into_iter().collect()
}

/// The list goes into a task that joins it.
#[rejoin::must_join]
async fn reaped(numbers: Vec<u32>) -> Result<u32, JoinError> {
    let mut tasks = Vec::new();
    for number in numbers {
        tasks.push(tokio::spawn(work(number)));
    }
    let reaper = tokio::spawn(async move {
        let mut sum = 0;
        for task in tasks {
            sum += task.await.unwrap_or(0);
        }
        sum
    });
    reaper.await
}

/// An option in an option.
#[rejoin::must_join]
async fn option_of_an_option(start: bool) -> u32 {
    let task = start.then(|| Some(tokio::spawn(work(1))));
    if let Some(Some(task)) = task {
        task.await.unwrap_or(0)
    } else {
        0
    }
}

#[tokio::test]
async fn collections_are_joined() {
    let (jobs, inbox) = mpsc::channel(2);
    jobs.send(1).await.unwrap();
    jobs.send(2).await.unwrap();
    drop(jobs);
    assert_eq!(to_the_end(inbox).await, 3);
    let (jobs, inbox) = mpsc::channel(2);
    jobs.send(1).await.unwrap();
    drop(jobs);
    assert_eq!(and_drained(inbox, CancellationToken::new()).await, 1);
    assert_eq!(until_empty(vec![1, 2]).await.0, 3);
    assert_eq!(in_order(vec![1, 2]).await.unwrap(), [1, 2]);
    assert_eq!(queue(vec![1, 2, 3]).await, [1, 2, 3]);
    assert_eq!(by_key(vec![("a", 1), ("a", 2)]).await, 3);
    assert_eq!(on_demand(vec!["a", "a", "bc"]).await, 3);
    assert_eq!(swept(vec![1, 2]).await, 2);
    assert_eq!(first_of_many(vec![1]).await, Some(1));
    assert_eq!(in_place([1, 2]).await, 3);
    assert_eq!(by_index().await, 3);
    assert_eq!(each_in_time(vec![1], Duration::from_secs(60)).await, 1);
    assert_eq!(two_lists(vec![1, 2]).await, 2);
    assert_eq!(nested(vec![vec![1, 2]]).await.unwrap(), [3]);
    assert_eq!(reaped(vec![1]).await.unwrap(), 1);
    assert_eq!(option_of_an_option(true).await, 1);
}
