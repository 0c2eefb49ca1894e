//! In the README: a timeout that takes the handle with it.
use std::time::Duration;

async fn report() -> u32 { 1 }

#[rejoin::must_join]
async fn in_time() -> Option<u32> {
    let report = tokio::spawn(report());
    tokio::time::timeout(Duration::from_secs(2), report).await.ok()?.ok()
}

fn main() {}
