//! The same in an `Option`.
// leak: the task (line 11); exit: the `replace` (line 12)
type Failure = Box<dyn std::error::Error + Send + Sync>;

async fn work(_: u32) -> Result<u32, Failure> {
    Ok(1)
}

#[rejoin::must_join]
async fn run(count: u32) -> Result<u32, Failure> {
    let mut task = Some(tokio::spawn(work(count)));
    task.replace(tokio::spawn(work(2)));
    match task {
        Some(task) => task.await?,
        None => Ok(0),
    }
}

fn main() {
    drop(run(1));
}
