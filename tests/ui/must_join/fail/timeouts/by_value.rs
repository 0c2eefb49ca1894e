//! The timeout drops the handle; the task that was too slow goes on.
// leak: the query (line 11); exit: the handle in the timeout (line 12)
use std::time::Duration;

async fn query() -> u32 {
    1
}

#[rejoin::must_join]
async fn ask() -> Option<u32> {
    let query = tokio::spawn(query());
    match tokio::time::timeout(Duration::from_secs(1), query).await {
        Ok(answer) => answer.ok(),
        Err(_) => None,
    }
}

fn main() {
    drop(ask());
}
