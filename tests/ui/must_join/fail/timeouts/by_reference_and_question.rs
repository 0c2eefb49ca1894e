//! The first `?` is that of the timeout.
// leak: the query (line 13); exit: the first `?` (line 14)
use std::time::Duration;

type Failure = Box<dyn std::error::Error + Send + Sync>;

async fn query() -> u32 {
    1
}

#[rejoin::must_join]
async fn ask() -> Result<u32, Failure> {
    let mut query = tokio::spawn(query());
    let joined = tokio::time::timeout(Duration::from_secs(1), &mut query).await?;
    Ok(joined?)
}

fn main() {
    drop(ask());
}
