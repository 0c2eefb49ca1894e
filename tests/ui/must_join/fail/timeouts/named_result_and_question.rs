//! Or handed on.
// leak: the query (line 13); exit: the first `?` (line 15)
use std::time::Duration;

type Failure = Box<dyn std::error::Error + Send + Sync>;

async fn query() -> u32 {
    1
}

#[rejoin::must_join]
async fn ask() -> Result<u32, Failure> {
    let mut query = tokio::spawn(query());
    let joined = tokio::time::timeout(Duration::from_secs(1), &mut query).await;
    let answer = joined?;
    Ok(answer?)
}

fn main() {
    drop(ask());
}
