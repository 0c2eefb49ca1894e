//! The output of `select_all` has the handles that are left.
// leak: the tasks (line 13); exit: the `select_all` (line 15)
type Failure = Box<dyn std::error::Error + Send + Sync>;

async fn work(_: u32) -> Result<u32, Failure> {
    Ok(1)
}

#[rejoin::must_join]
async fn run(count: u32) -> Result<u32, Failure> {
    let mut tasks = Vec::new();
    for number in 0..count {
        tasks.push(tokio::spawn(work(number)));
    }
    let (first, _index, _) = futures::future::select_all(tasks).await;
    first?
}

fn main() {
    drop(run(1));
}
