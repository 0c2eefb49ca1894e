//! `map` gives the handle to a closure that drops it.
// leak: the task (line 11); exit: the body of the closure (line 12)
type Failure = Box<dyn std::error::Error + Send + Sync>;

async fn work(_: u32) -> Result<u32, Failure> {
    Ok(1)
}

#[rejoin::must_join]
async fn run(count: u32) -> () {
    let task = Some(tokio::spawn(work(count)));
    let _ = task.map(|task| task.abort());
}

fn main() {
    drop(run(1));
}
