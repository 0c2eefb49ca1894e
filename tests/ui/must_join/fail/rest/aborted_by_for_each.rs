//! All aborted by a closure, none joined.
// leak: the tasks (line 13); exit: the body of the closure (line 15)
type Failure = Box<dyn std::error::Error + Send + Sync>;

async fn work(_: u32) -> Result<u32, Failure> {
    Ok(1)
}

#[rejoin::must_join]
async fn run(count: u32) -> () {
    let mut tasks = Vec::new();
    for number in 0..count {
        tasks.push(tokio::spawn(work(number)));
    }
    tasks.into_iter().for_each(|task| task.abort());
}

fn main() {
    drop(run(1));
}
