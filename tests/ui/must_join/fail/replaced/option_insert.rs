//! `insert` drops what was there.
// leak: the task (line 13); exit: the `insert` (line 15)
type Failure = Box<dyn std::error::Error + Send + Sync>;

async fn work(_: u32) -> Result<u32, Failure> {
    Ok(1)
}

#[rejoin::must_join]
async fn run(count: u32) -> Result<u32, Failure> {
    let mut task = None;
    if count > 0 {
        task = Some(tokio::spawn(work(count)));
    }
    task.insert(tokio::spawn(work(2))).await?
}

fn main() {
    drop(run(1));
}
