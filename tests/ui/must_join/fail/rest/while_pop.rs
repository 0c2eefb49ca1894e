//! Also when they are popped one by one.
// leak: the tasks (line 13); exit: the first `?` (line 17)
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
    let mut sum = 0;
    while let Some(task) = tasks.pop() {
        sum += task.await??;
    }
    Ok(sum)
}

fn main() {
    drop(run(1));
}
