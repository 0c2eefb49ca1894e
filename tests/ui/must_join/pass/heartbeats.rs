//! Loops beside the work.
use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, mpsc};
use tokio::task::JoinError;
use tokio_util::sync::CancellationToken;

async fn beat(every: Duration, stop: CancellationToken) -> u32 {
    let mut interval = tokio::time::interval(every);
    let mut beats = 0;
    loop {
        tokio::select! {
            _ = interval.tick() => beats += 1,
            () = stop.cancelled() => return beats,
        }
    }
}

/// The work may fail; the heart stops first.
#[rejoin::must_join]
async fn beside(work: impl Future<Output = io::Result<u32>>) -> io::Result<u32> {
    let stop = CancellationToken::new();
    let heart = tokio::spawn(beat(Duration::from_secs(1), stop.clone()));
    let result = work.await;
    stop.cancel();
    heart.await?;
    result
}

/// A heart that fails ends the work.
#[rejoin::must_join]
async fn bound(work: impl Future<Output = u32>) -> Result<u32, JoinError> {
    let stop = CancellationToken::new();
    let mut heart = tokio::spawn(beat(Duration::from_secs(1), stop.clone()));
    let done = tokio::select! {
        done = work => done,
        stopped = &mut heart => return stopped,
    };
    stop.cancel();
    heart.await?;
    Ok(done)
}

/// A lease that is renewed while it is held.
#[rejoin::must_join]
async fn lease(critical: impl Future<Output = ()>) -> bool {
    let lost = Arc::new(Notify::new());
    let renewal = {
        let lost = Arc::clone(&lost);
        tokio::spawn(async move {
            for _ in 0..3 {
                tokio::time::sleep(Duration::from_secs(10)).await;
            }
            lost.notify_one();
        })
    };
    let kept = tokio::select! {
        () = critical => true,
        () = lost.notified() => false,
    };
    renewal.abort();
    match renewal.await {
        Ok(()) => kept,
        Err(error) => kept && error.is_cancelled(),
    }
}

/// A ping that must be answered in time.
#[rejoin::must_join]
async fn ping(mut pongs: mpsc::Receiver<u32>, limit: Duration) -> Option<u32> {
    let (pings, mut out) = mpsc::channel(1);
    let pinger = tokio::spawn(async move {
        let mut number = 0;
        while pings.send(number).await.is_ok() {
            number += 1;
        }
        number
    });
    let first = out.recv().await;
    let pong = tokio::time::timeout(limit, pongs.recv()).await;
    drop(out);
    let sent = pinger.await.ok()?;
    match (first, pong) {
        (Some(_), Ok(Some(pong))) => Some(pong + sent.min(1)),
        _ => None,
    }
}

/// Progress that is printed until the end.
#[rejoin::must_join]
async fn with_progress(total: u32) -> Result<u32, JoinError> {
    let (steps, mut inbox) = mpsc::unbounded_channel();
    let printer = tokio::spawn(async move {
        let mut printed = 0;
        while let Some(step) = inbox.recv().await {
            printed = step;
        }
        printed
    });
    for step in 1..=total {
        if steps.send(step).is_err() {
            break;
        }
    }
    drop(steps);
    printer.await
}

#[tokio::test(start_paused = true)]
async fn hearts_stop() {
    assert_eq!(beside(async { Ok(1) }).await.unwrap(), 1);
    assert_eq!(bound(async { 2 }).await.unwrap(), 2);
    assert!(lease(async {}).await);
    assert!(!lease(std::future::pending()).await);
    let (pongs, inbox) = mpsc::channel(1);
    pongs.send(7).await.unwrap();
    assert_eq!(ping(inbox, Duration::from_secs(1)).await, Some(8));
    assert_eq!(with_progress(3).await.unwrap(), 3);
}
