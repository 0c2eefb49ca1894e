//! One item of an iterator is taken, the others are dropped with it.
// leak: the tasks (line 13); exit: the `;` (line 15)
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
    let first = tasks.into_iter().next();
    match first {
        Some(task) => task.await?,
        None => Ok(0),
    }
}

fn main() {
    drop(run(1));
}
