//! The end of the list is cut off.
// leak: the tasks (line 13); exit: the `truncate` (line 15)
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
    tasks.truncate(3);
    futures::future::join_all(tasks).await.len()
}

fn main() {
    drop(run(1));
}
