//! What is left when a loop over handles ends early, and what is left of futures of several handles.
use std::time::Duration;

use futures::FutureExt;
use futures::future::{Either, join_all, select, select_all, try_join_all};
use futures::stream::{FuturesUnordered, StreamExt};
use tokio::task::{JoinError, JoinHandle};
use tokio::time::timeout;

async fn check(number: u32) -> Result<u32, String> {
    match number {
        13 => Err("unlucky".to_owned()),
        number => Ok(number),
    }
}

fn flat(ended: Result<Result<u32, String>, JoinError>) -> Result<u32, String> {
    ended.map_err(|error| error.to_string())?
}

/// The results first, and then the first failure.
#[rejoin::must_join]
async fn results_first(numbers: Vec<u32>) -> Result<u32, String> {
    let tasks: Vec<_> = numbers
        .into_iter()
        .map(|number| tokio::spawn(check(number)))
        .collect();
    let mut sum = 0;
    for ended in join_all(tasks).await {
        sum += flat(ended)?;
    }
    Ok(sum)
}

/// The rest is aborted and awaited where one fails.
#[rejoin::must_join]
async fn rest_aborted(numbers: Vec<u32>) -> Result<u32, String> {
    let mut tasks = Vec::new();
    for number in numbers {
        tasks.push(tokio::spawn(check(number)));
    }
    let mut sum = 0;
    while let Some(task) = tasks.pop() {
        match flat(task.await) {
            Ok(number) => sum += number,
            Err(error) => {
                for task in tasks {
                    task.abort();
                    let _ = task.await;
                }
                return Err(error);
            }
        }
    }
    Ok(sum)
}

/// The same with an iterator that goes on.
#[rejoin::must_join]
async fn iterator_goes_on(numbers: Vec<u32>) -> Result<u32, String> {
    let tasks: Vec<_> = numbers
        .into_iter()
        .map(|number| tokio::spawn(check(number)))
        .collect();
    let mut tasks = tasks.into_iter();
    let mut sum = Ok(0);
    for task in tasks.by_ref() {
        match (flat(task.await), &mut sum) {
            (Ok(number), Ok(sum)) => *sum += number,
            (Err(error), _) => {
                sum = Err(error);
                break;
            }
            _ => {}
        }
    }
    for task in tasks {
        task.abort();
        let _ = task.await;
    }
    sum
}

/// By reference: the list is still there when the loop is left.
#[rejoin::must_join]
async fn by_reference(numbers: Vec<u32>) -> usize {
    let mut tasks: Vec<_> = numbers
        .into_iter()
        .map(|number| tokio::spawn(check(number)))
        .collect();
    let mut done = 0;
    for task in &mut tasks {
        if flat(task.await).is_err() {
            break;
        }
        done += 1;
    }
    for task in tasks.split_off(done) {
        task.abort();
        if !task.is_finished() {
            let _ = task.await;
        }
    }
    done
}

/// The first to end, and then the others.
#[rejoin::must_join]
async fn first_and_others(numbers: Vec<u32>) -> (Result<u32, String>, usize) {
    let tasks: Vec<_> = numbers
        .into_iter()
        .map(|number| tokio::spawn(check(number)))
        .collect();
    let (first, _, rest) = select_all(tasks).await;
    (flat(first), join_all(rest).await.len())
}

/// In the order in which they end.
#[rejoin::must_join]
async fn one_by_one(numbers: Vec<u32>) -> u32 {
    let mut tasks: Vec<_> = numbers
        .into_iter()
        .map(|number| tokio::spawn(check(number)))
        .collect();
    let mut sum = 0;
    while !tasks.is_empty() {
        let (ended, _, rest) = select_all(tasks).await;
        sum += flat(ended).unwrap_or(0);
        tasks = rest;
    }
    sum
}

/// A stream that is drained after a failure.
#[rejoin::must_join]
async fn drained(numbers: Vec<u32>) -> Result<u32, String> {
    let mut tasks = FuturesUnordered::new();
    for number in numbers {
        tasks.push(tokio::spawn(check(number)));
    }
    let mut sum = Ok(0);
    while let Some(ended) = tasks.next().await {
        match (flat(ended), &mut sum) {
            (Ok(number), Ok(sum)) => *sum += number,
            (Err(error), _) => {
                tasks.iter().for_each(JoinHandle::abort);
                sum = Err(error);
            }
            _ => {}
        }
    }
    sum
}

/// The loser of a race is aborted and awaited.
#[rejoin::must_join]
async fn race(one: u32, other: u32) -> Result<u32, String> {
    let (one, other) = (tokio::spawn(check(one)), tokio::spawn(check(other)));
    match select(one, other).await {
        Either::Left((won, lost)) | Either::Right((won, lost)) => {
            lost.abort();
            let _ = lost.await;
            flat(won)
        }
    }
}

/// The time is up, and the handles are still there.
#[allow(clippy::single_match_else, reason = "as users write it")]
#[rejoin::must_join]
async fn in_time(numbers: Vec<u32>) -> usize {
    let mut tasks: Vec<_> = numbers
        .into_iter()
        .map(|number| tokio::spawn(check(number)))
        .collect();
    match timeout(Duration::from_secs(60), join_all(&mut tasks)).await {
        Ok(results) => results.len(),
        Err(_) => {
            for task in tasks {
                task.abort();
                let _ = task.await;
            }
            0
        }
    }
}

/// One fails, and the others are still there.
#[rejoin::must_join]
async fn all_or_none(numbers: Vec<u32>) -> usize {
    let mut tasks: Vec<_> = numbers
        .into_iter()
        .map(|number| tokio::spawn(check(number)))
        .collect();
    let Ok(results) = try_join_all(&mut tasks).await else {
        join_all(tasks).await;
        return 0;
    };
    results.len()
}

/// The old handle of a reconnect, in a tuple in an `Option`.
#[rejoin::must_join]
async fn reconnect(rounds: u32) -> Result<u32, String> {
    let mut last: Option<(JoinHandle<Result<u32, String>>, u32)> = None;
    for round in 0..rounds {
        if let Some((task, _)) = last.take() {
            task.abort();
            let _ = task.await;
        }
        last = Some((tokio::spawn(check(round)), round));
    }
    match last {
        Some((task, _)) => flat(task.await),
        None => Ok(0),
    }
}

/// A new task in the place of the old one, which is awaited.
#[rejoin::must_join]
async fn replaced(rounds: u32) -> u32 {
    let mut sum = 0;
    let mut task = tokio::spawn(check(0));
    for round in 1..rounds {
        let old = std::mem::replace(&mut task, tokio::spawn(check(round)));
        sum += flat(old.await).unwrap_or(0);
    }
    sum + flat(task.await).unwrap_or(0)
}

/// A future of the handle, and a closure that starts tasks.
#[rejoin::must_join]
async fn adapted(number: u32) -> u32 {
    let start = |number| tokio::spawn(check(number));
    let task = start(number).map(|ended| flat(ended).unwrap_or(0));
    let other = start(number + 1);
    task.await + flat(other.await).unwrap_or(0)
}

#[tokio::test]
async fn rests_are_joined() {
    let numbers = vec![1, 2, 13, 4];
    assert!(results_first(numbers.clone()).await.is_err());
    assert_eq!(rest_aborted(vec![1, 2]).await, Ok(3));
    assert!(rest_aborted(numbers.clone()).await.is_err());
    assert!(iterator_goes_on(numbers.clone()).await.is_err());
    assert_eq!(by_reference(numbers.clone()).await, 2);
    assert_eq!(first_and_others(numbers.clone()).await.1, 3);
    assert_eq!(one_by_one(numbers.clone()).await, 7);
    assert!(drained(numbers.clone()).await.is_err());
    assert!(race(1, 2).await.is_ok());
    assert_eq!(in_time(numbers.clone()).await, 4);
    assert_eq!(all_or_none(numbers).await, 4);
    assert_eq!(reconnect(3).await, Ok(2));
    assert_eq!(replaced(3).await, 3);
    assert_eq!(adapted(1).await, 3);
}
