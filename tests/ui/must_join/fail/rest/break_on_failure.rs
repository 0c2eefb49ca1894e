//! A `break` drops them as `?` does.
// leak: the tasks (line 13); exit: the `break` (line 20)
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
    let mut sum = 0;
    for task in tasks {
        match task.await {
            Ok(Ok(number)) => sum += number,
            _ => {
                break;
            }
        }
    }
    sum
}

fn main() {
    drop(run(1));
}
