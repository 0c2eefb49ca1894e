//! Attempts, one after the other or side by side.
use std::io;
use std::time::Duration;

use tokio::task::JoinError;

type Failure = Box<dyn std::error::Error + Send + Sync>;

async fn attempt(number: u32) -> io::Result<u32> {
    if number < 2 {
        Err(io::ErrorKind::ConnectionReset.into())
    } else {
        Ok(number)
    }
}

/// Each attempt in a task, joined before the next.
#[rejoin::must_join]
async fn until_it_works() -> Result<u32, JoinError> {
    let mut number = 0;
    loop {
        let task = tokio::spawn(attempt(number));
        match task.await? {
            Ok(answer) => return Ok(answer),
            Err(error) => eprintln!("attempt {number}: {error}"),
        }
        number += 1;
    }
}

/// With a limit, and the last error in the end.
#[rejoin::must_join]
async fn at_most(tries: u32) -> Result<u32, Failure> {
    let mut last = None;
    for number in 0..tries {
        let task = tokio::spawn(attempt(number));
        let outcome = task.await;
        match outcome {
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(error)) => last = Some(Failure::from(error)),
            Err(panic) => last = Some(Failure::from(panic)),
        }
    }
    Err(last.unwrap_or_else(|| "no attempt was made".into()))
}

/// A time limit for each attempt; one that is late is stopped and awaited before the next.
#[rejoin::must_join]
async fn each_in_time(limit: Duration) -> Option<u32> {
    for number in 1..4 {
        let mut task = tokio::spawn(attempt(number));
        match tokio::time::timeout(limit, &mut task).await {
            Ok(Ok(Ok(answer))) => return Some(answer),
            Ok(Ok(Err(_)) | Err(_)) => {}
            Err(_) => {
                task.abort();
                let _ = task.await;
            }
        }
    }
    None
}

/// Two replicas: the one that is first wins, the other is brought home.
#[rejoin::must_join]
async fn race() -> Option<u32> {
    let mut left = tokio::spawn(attempt(2));
    let mut right = tokio::spawn(attempt(3));
    let winner = tokio::select! {
        won = &mut left => {
            right.abort();
            let _ = right.await;
            won
        }
        won = &mut right => {
            left.abort();
            let _ = left.await;
            won
        }
    };
    winner.ok()?.ok()
}

/// With a backoff between; the attempt is over before the pause begins.
#[rejoin::must_join]
async fn with_backoff(mut pause: Duration) -> u32 {
    let mut number = 0;
    while let Err(_) | Ok(Err(_)) = tokio::spawn(attempt(number)).await {
        tokio::time::sleep(pause).await;
        pause *= 2;
        number += 1;
    }
    number
}

/// A labelled loop over the peers and the attempts.
#[rejoin::must_join]
async fn over_peers(peers: &[u32]) -> Option<u32> {
    let mut answer = None;
    'peers: for &peer in peers {
        for number in 0..3 {
            if number > peer {
                continue 'peers;
            }
            let task = tokio::spawn(attempt(number));
            if let Ok(Ok(found)) = task.await {
                answer = Some(found);
                break 'peers;
            }
        }
    }
    answer
}

/// The value of a labelled loop is the handle that is still to be awaited.
#[rejoin::must_join]
async fn last_started(mut numbers: Vec<u32>) -> Result<io::Result<u32>, JoinError> {
    let started = loop {
        let number = numbers.pop().unwrap_or(2);
        if number >= 2 {
            break tokio::spawn(attempt(number));
        }
    };
    started.await
}

#[tokio::test(start_paused = true)]
async fn attempts_end() {
    assert_eq!(until_it_works().await.unwrap(), 2);
    assert_eq!(at_most(3).await.unwrap(), 2);
    assert!(at_most(0).await.is_err());
    assert_eq!(each_in_time(Duration::from_secs(1)).await, Some(2));
    assert!(race().await.is_some());
    assert_eq!(with_backoff(Duration::from_secs(1)).await, 2);
    assert_eq!(over_peers(&[0, 2]).await, Some(2));
    assert_eq!(last_started(vec![2, 1]).await.unwrap().unwrap(), 2);
}
