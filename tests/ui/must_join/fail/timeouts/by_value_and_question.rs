//! The same with both errors handed on.
// leak: the query (line 13); exit: the handle in the timeout (line 14)
use std::time::Duration;

type Failure = Box<dyn std::error::Error + Send + Sync>;

async fn query() -> u32 {
    1
}

#[rejoin::must_join]
async fn ask() -> Result<u32, Failure> {
    let query = tokio::spawn(query());
    let answer = tokio::time::timeout(Duration::from_secs(1), query).await??;
    Ok(answer)
}

fn main() {
    drop(ask());
}
