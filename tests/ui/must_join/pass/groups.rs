//! With the group that joins at run time, and with the guard, in either order.
use std::io;

use tokio::task::JoinError;

async fn fetch(url: &'static str) -> io::Result<usize> {
    Ok(url.len())
}

/// Discarded tasks belong to the group.
#[rejoin::must_join]
#[rejoin::task_group]
async fn fan_out(urls: Vec<&'static str>) -> io::Result<()> {
    for url in urls {
        tokio::spawn(fetch(url));
    }
    Ok(())
}

/// However they are discarded.
#[rejoin::task_group]
#[rejoin::must_join]
async fn however() -> io::Result<()> {
    let _ = tokio::spawn(fetch("a"));
    _ = tokio::spawn(fetch("b"));
    drop(tokio::spawn(fetch("c")));
    let _never_named = tokio::spawn(fetch("d"));
    Ok(())
}

/// An early exit is no leak there: the group joins what is left.
#[rejoin::must_join]
#[rejoin::task_group]
async fn early(url: &'static str) -> io::Result<usize> {
    let first = tokio::spawn(fetch(url));
    let second = tokio::spawn(fetch("second"));
    let first = first.await??;
    if first == 0 {
        return Ok(0);
    }
    Ok(first + second.await??)
}

/// Used on one of two paths.
#[rejoin::task_group]
#[rejoin::must_join]
async fn on_one_path(wait: bool) -> io::Result<usize> {
    let task = tokio::spawn(fetch("abc"));
    if wait { task.await? } else { Ok(0) }
}

/// Stopped on purpose, and joined by the group.
#[rejoin::must_join]
#[rejoin::task_group]
async fn stopped(url: &'static str) -> io::Result<usize> {
    let ticker = tokio::spawn(std::future::pending::<()>());
    let length = fetch(url).await?;
    ticker.abort();
    Ok(length)
}

/// The limits of the group, and handles that are used.
#[rejoin::must_join]
#[rejoin::task_group(limit = 2)]
async fn limited(urls: Vec<&'static str>) -> io::Result<usize> {
    let mut tasks = Vec::new();
    for url in urls {
        tasks.push(tokio::spawn(fetch(url)));
    }
    let mut total = 0;
    for task in tasks {
        total += task.await??;
    }
    Ok(total)
}

/// The guard contains a panic, and the analysis reads the body as it was written.
#[rejoin::must_join]
#[rejoin::guarded]
async fn guarded(url: &'static str) -> io::Result<usize> {
    let task = tokio::spawn(fetch(url));
    task.await?
}

/// In the other order.
#[rejoin::guarded(or = 0)]
#[rejoin::must_join]
async fn guarded_with_a_value(url: &'static str) -> usize {
    let task = tokio::spawn(fetch(url));
    task.await.expect("the fetch panicked").unwrap_or(0)
}

/// All three.
#[rejoin::guarded]
#[rejoin::must_join]
#[rejoin::task_group]
async fn all_three(url: &'static str) -> io::Result<usize> {
    tokio::spawn(fetch("beside"));
    let task = tokio::spawn(fetch(url));
    task.await?
}

/// An explicit group: its `spawn` is not a call that the attribute knows.
#[rejoin::must_join]
async fn explicit() -> Result<(), io::Error> {
    let group = rejoin::TaskGroup::<io::Error>::new();
    group.launch(async { fetch("a").await.map(drop) });
    let held = group.spawn(async { 1 });
    let _ = held.await;
    group.join().await
}

/// Group and handle side by side: one function of each kind.
#[rejoin::must_join(name = "both")]
async fn both() -> Result<usize, JoinError> {
    let beside = tokio::spawn(fan_out(vec!["a", "b"]));
    let total = limited(vec!["a", "bc"]).await;
    beside.await?.ok();
    Ok(total.unwrap_or(0))
}

/// What is given to `timeout` or `try_join!` is asked: what those leave behind, the group joins.
#[rejoin::must_join]
#[rejoin::task_group]
async fn in_time() -> io::Result<usize> {
    let first = tokio::spawn(fetch("a"));
    let limit = std::time::Duration::from_secs(60);
    let first = tokio::time::timeout(limit, first).await??;
    let (second, third) = tokio::try_join!(tokio::spawn(fetch("b")), tokio::spawn(fetch("c")))?;
    Ok(first? + second? + third?)
}

#[tokio::test]
async fn groups_join() {
    fan_out(vec!["a"]).await.unwrap();
    however().await.unwrap();
    assert_eq!(early("ab").await.unwrap(), 8);
    assert_eq!(early("").await.unwrap(), 0);
    assert_eq!(on_one_path(true).await.unwrap(), 3);
    assert_eq!(on_one_path(false).await.unwrap(), 0);
    assert_eq!(stopped("abc").await.unwrap(), 3);
    assert_eq!(limited(vec!["a", "bc"]).await.unwrap(), 3);
    assert_eq!(guarded("ab").await.unwrap(), 2);
    assert_eq!(guarded_with_a_value("ab").await, 2);
    assert_eq!(all_three("ab").await.unwrap(), 2);
    explicit().await.unwrap();
    assert_eq!(both().await.unwrap(), 3);
    assert_eq!(in_time().await.unwrap(), 3);
}
