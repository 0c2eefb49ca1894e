//! The old handle is dropped where a new one is put in its place.
// leak: the task (line 11); exit: the `replace` (line 12)
type Failure = Box<dyn std::error::Error + Send + Sync>;

async fn work(_: u32) -> Result<u32, Failure> {
    Ok(1)
}

#[rejoin::must_join]
async fn run(count: u32) -> Result<u32, Failure> {
    let mut task = tokio::spawn(work(count));
    drop(std::mem::replace(&mut task, tokio::spawn(work(2))));
    task.await?
}

fn main() {
    drop(run(1));
}
