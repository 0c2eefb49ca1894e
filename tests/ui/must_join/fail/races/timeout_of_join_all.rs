//! The time is up, and all handles are dropped.
// leak: the tasks (line 18); exit: the `join_all` (line 21)
use std::time::Duration;

use futures::future::join_all;
use tokio::time::timeout;

type Failure = Box<dyn std::error::Error + Send + Sync>;

async fn work(_: u32) -> Result<u32, Failure> {
    Ok(1)
}

#[rejoin::must_join]
async fn run(count: u32) -> bool {
    let mut tasks = Vec::new();
    for number in 0..count {
        tasks.push(tokio::spawn(work(number)));
    }
    let limit = Duration::from_secs(1);
    let all = timeout(limit, join_all(tasks)).await;
    all.is_ok()
}

fn main() {
    drop(run(1));
}
