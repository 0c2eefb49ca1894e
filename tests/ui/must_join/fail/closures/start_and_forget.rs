//! A closure returns a handle, and its caller drops it.
// leak: the task (line 11); exit: the spawn itself
type Failure = Box<dyn std::error::Error + Send + Sync>;

async fn work(_: u32) -> Result<u32, Failure> {
    Ok(1)
}

#[rejoin::must_join]
async fn run(count: u32) -> () {
    let start = |number| tokio::spawn(work(number));
    start(count);
}

fn main() {
    drop(run(1));
}
