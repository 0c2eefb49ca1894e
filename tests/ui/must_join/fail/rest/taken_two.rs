//! Two items are taken.
// leak: the tasks (line 13); exit: the `take` (line 16)
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
    let mut results = Vec::new();
    for task in tasks.into_iter().take(2) {
        results.push(task.await);
    }
    results.len()
}

fn main() {
    drop(run(1));
}
