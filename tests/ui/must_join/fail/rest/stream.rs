//! Also when a stream gives them as they end.
// leak: the tasks (line 15); exit: the first `?` (line 19)
use futures::stream::{FuturesUnordered, StreamExt};

type Failure = Box<dyn std::error::Error + Send + Sync>;

async fn work(_: u32) -> Result<u32, Failure> {
    Ok(1)
}

#[rejoin::must_join]
async fn run(count: u32) -> Result<u32, Failure> {
    let mut tasks = FuturesUnordered::new();
    for number in 0..count {
        tasks.push(tokio::spawn(work(number)));
    }
    let mut sum = 0;
    while let Some(done) = tasks.next().await {
        sum += done??;
    }
    Ok(sum)
}

fn main() {
    drop(run(1));
}
