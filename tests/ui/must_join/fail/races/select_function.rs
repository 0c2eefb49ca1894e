//! Of two futures the one that loses is dropped.
// leak: the tasks (line 11); exit: the `select` (line 13)
type Failure = Box<dyn std::error::Error + Send + Sync>;

async fn work(_: u32) -> Result<u32, Failure> {
    Ok(1)
}

#[rejoin::must_join]
async fn run(count: u32) -> () {
    let first = tokio::spawn(work(count));
    let second = tokio::spawn(work(count));
    futures::future::select(first, second).await;
}

fn main() {
    drop(run(1));
}
