//! A future of the handle is dropped with the handle.
// leak: the task (line 13); exit: the `drop` (line 15)
use futures::FutureExt;

type Failure = Box<dyn std::error::Error + Send + Sync>;

async fn work(_: u32) -> Result<u32, Failure> {
    Ok(1)
}

#[rejoin::must_join]
async fn run(count: u32) -> () {
    let task = tokio::spawn(work(count));
    let mapped = task.map(|ended| ended.is_ok());
    drop(mapped);
}

fn main() {
    drop(run(1));
}
