//! So does a `return`.
// leak: the tasks (line 13); exit: the `return` (line 17)
type Failure = Box<dyn std::error::Error + Send + Sync>;

async fn work(_: u32) -> Result<u32, Failure> {
    Ok(1)
}

#[rejoin::must_join]
async fn run(count: u32) -> u32 {
    let mut tasks = Vec::new();
    for number in 0..count {
        tasks.push(tokio::spawn(work(number)));
    }
    for task in tasks {
        if let Ok(Ok(number)) = task.await {
            return number;
        }
    }
    0
}

fn main() {
    drop(run(1));
}
