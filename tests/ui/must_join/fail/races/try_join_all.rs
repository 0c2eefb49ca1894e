//! The first failure drops the other handles.
// leak: the tasks (line 13); exit: the `try_join_all` (line 15)
type Failure = Box<dyn std::error::Error + Send + Sync>;

async fn work(_: u32) -> Result<u32, Failure> {
    Ok(1)
}

#[rejoin::must_join]
async fn run(count: u32) -> Result<usize, Failure> {
    let mut tasks = Vec::new();
    for number in 0..count {
        tasks.push(tokio::spawn(work(number)));
    }
    let results = futures::future::try_join_all(tasks).await?;
    Ok(results.len())
}

fn main() {
    drop(run(1));
}
