//! An error between the start of the workers and their join.
// leak: the workers (line 15); exit: the `?` (line 17)
use std::io;

async fn work(_: usize) {}

async fn feed() -> io::Result<()> {
    Ok(())
}

#[rejoin::must_join]
async fn run(count: usize) -> io::Result<()> {
    let mut workers = Vec::with_capacity(count);
    for id in 0..count {
        workers.push(tokio::spawn(work(id)));
    }
    feed().await?;
    for worker in workers {
        worker.await?;
    }
    Ok(())
}

fn main() {
    drop(run(1));
}
