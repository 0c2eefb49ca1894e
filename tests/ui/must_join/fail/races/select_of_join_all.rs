//! Another branch wins, and all handles are dropped.
// leak: the tasks (line 15); exit: the `join_all` (line 18)
use futures::future::join_all;

type Failure = Box<dyn std::error::Error + Send + Sync>;

async fn work(_: u32) -> Result<u32, Failure> {
    Ok(1)
}

#[rejoin::must_join]
async fn run(count: u32) -> usize {
    let mut tasks = Vec::new();
    for number in 0..count {
        tasks.push(tokio::spawn(work(number)));
    }
    tokio::select! {
        results = join_all(tasks) => results.len(),
        () = tokio::task::yield_now() => 0,
    }
}

fn main() {
    drop(run(1));
}
