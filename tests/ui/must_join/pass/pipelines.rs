//! Stages that hand on what they make.
use std::io;

use futures::future::join_all;
use futures::stream::{self, Stream, StreamExt};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinError;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Three stages; the last is the function itself, and the others are joined in the order of the flow.
#[rejoin::must_join]
async fn three_stages(input: Vec<u32>) -> Result<u32, JoinError> {
    let (raw, mut parsed) = mpsc::channel(4);
    let (doubled, mut output) = mpsc::channel(4);
    let source = tokio::spawn(async move {
        for item in input {
            if raw.send(item).await.is_err() {
                break;
            }
        }
    });
    let middle = tokio::spawn(async move {
        while let Some(item) = parsed.recv().await {
            if doubled.send(item * 2).await.is_err() {
                break;
            }
        }
    });
    let mut sum = 0;
    while let Some(item) = output.recv().await {
        sum += item;
    }
    let source = source.await;
    let middle = middle.await;
    source.and(middle)?;
    Ok(sum)
}

/// The error of the consumer is kept until the producer is home.
#[rejoin::must_join]
async fn parse_all(lines: Vec<String>) -> Result<Vec<u32>, Failure> {
    let (sender, mut lines_in) = mpsc::channel(2);
    let producer = tokio::spawn(async move {
        for line in lines {
            if sender.send(line).await.is_err() {
                return;
            }
        }
    });
    let parsed = async {
        let mut numbers = Vec::new();
        while let Some(line) = lines_in.recv().await {
            numbers.push(line.trim().parse::<u32>()?);
        }
        Ok(numbers)
    }
    .await;
    drop(lines_in);
    producer.await?;
    parsed
}

/// Several producers, one consumer.
#[rejoin::must_join]
async fn fan_in(sources: Vec<Vec<u32>>) -> Result<Vec<u32>, JoinError> {
    let (sender, mut merged) = mpsc::unbounded_channel();
    let mut producers = Vec::new();
    for source in sources {
        let sender = sender.clone();
        producers.push(tokio::spawn(async move {
            for item in source {
                let _ = sender.send(item);
            }
        }));
    }
    drop(sender);
    let mut items = Vec::new();
    while let Some(item) = merged.recv().await {
        items.push(item);
    }
    for ended in join_all(producers).await {
        ended?;
    }
    items.sort_unstable();
    Ok(items)
}

/// Hashing on the blocking pool while the next block is read.
#[rejoin::must_join]
async fn hash_while_reading(mut input: impl AsyncRead + Unpin) -> Result<u64, Failure> {
    let mut pending = None;
    let mut hash = 0_u64;
    loop {
        let mut block = vec![0; 4096];
        let read = match input.read(&mut block).await {
            Ok(read) => read,
            Err(error) => {
                if let Some(hashing) = pending {
                    hash_of(hashing).await?;
                }
                return Err(error.into());
            }
        };
        if let Some(hashing) = pending.take() {
            hash = hash.wrapping_add(hash_of(hashing).await?);
        }
        if read == 0 {
            return Ok(hash);
        }
        block.truncate(read);
        pending = Some(tokio::task::spawn_blocking(move || {
            block.iter().map(|&byte| u64::from(byte)).sum()
        }));
    }
}

async fn hash_of(hashing: tokio::task::JoinHandle<u64>) -> Result<u64, JoinError> {
    hashing.await
}

/// A stream of tasks, so many at once, in their order.
#[rejoin::must_join]
async fn ordered(urls: Vec<String>) -> Result<Vec<usize>, JoinError> {
    let lengths: Vec<_> = stream::iter(urls)
        .map(|url| tokio::spawn(async move { url.len() }))
        .buffered(4)
        .collect()
        .await;
    lengths.into_iter().collect()
}

/// The same without an order.
#[rejoin::must_join]
async fn in_any_order(urls: Vec<String>) -> usize {
    stream::iter(urls)
        .map(|url| tokio::spawn(async move { url.len() }))
        .buffer_unordered(4)
        .filter_map(|length| async { length.ok() })
        .fold(0, |sum, length| async move { sum + length })
        .await
}

/// A task a step, each joined before the next.
#[rejoin::must_join]
async fn step_by_step(text: String) -> Result<String, JoinError> {
    let trimmed = tokio::spawn(async move { text.trim().to_owned() }).await?;
    let upper = tokio::spawn(async move { trimmed.to_uppercase() }).await?;
    tokio::spawn(async move { format!("{upper}!") }).await
}

/// A writer with a buffer of its own; closing the channel flushes it.
#[rejoin::must_join]
async fn write_behind(records: impl Stream<Item = String>) -> io::Result<Vec<u8>> {
    let (sender, mut inbox) = mpsc::channel::<String>(32);
    let writer = tokio::spawn(async move {
        let mut file = Vec::new();
        while let Some(record) = inbox.recv().await {
            file.write_all(record.as_bytes()).await?;
        }
        file.flush().await?;
        io::Result::Ok(file)
    });
    let mut records = std::pin::pin!(records);
    while let Some(record) = records.next().await {
        if sender.send(record).await.is_err() {
            break;
        }
    }
    drop(sender);
    writer.await?
}

/// Progress is watched from outside; the watcher ends with the sender.
#[rejoin::must_join]
async fn with_progress(items: Vec<u32>) -> (u32, u32) {
    let (progress, mut seen) = watch::channel(0);
    let watcher = tokio::spawn(async move {
        let mut changes = 0;
        while seen.changed().await.is_ok() {
            changes += 1;
        }
        changes
    });
    let mut done = 0;
    for item in items {
        done += item;
        progress.send_replace(done);
        tokio::task::yield_now().await;
    }
    drop(progress);
    (done, watcher.await.unwrap_or(0))
}

/// A stage that says when it is ready.
#[rejoin::must_join]
async fn ready_first() -> Result<u32, Failure> {
    let (ready, is_ready) = oneshot::channel();
    let stage = tokio::spawn(async move {
        let _ = ready.send(7);
        35
    });
    let first = is_ready.await;
    let second = stage.await?;
    Ok(first? + second)
}

#[tokio::test]
async fn pipelines_flow() {
    assert_eq!(three_stages(vec![1, 2, 3]).await.unwrap(), 12);
    assert!(
        parse_all(vec!["1".to_owned(), "x".to_owned()])
            .await
            .is_err()
    );
    assert_eq!(parse_all(vec!["1".to_owned()]).await.unwrap(), [1]);
    assert_eq!(fan_in(vec![vec![3], vec![1, 2]]).await.unwrap(), [1, 2, 3]);
    assert_eq!(hash_while_reading(&[1_u8, 2, 3][..]).await.unwrap(), 6);
    assert_eq!(ordered(vec!["ab".to_owned()]).await.unwrap(), [2]);
    assert_eq!(in_any_order(vec!["ab".to_owned()]).await, 2);
    assert_eq!(step_by_step(" a ".to_owned()).await.unwrap(), "A!");
    assert_eq!(with_progress(vec![1, 2]).await.0, 3);
    assert_eq!(ready_first().await.unwrap(), 42);
    let written = write_behind(stream::iter(["a".to_owned(), "b".to_owned()])).await;
    assert_eq!(written.unwrap(), b"ab");
}
