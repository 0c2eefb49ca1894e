//! One task, three ways to lose it: one error, at the first.
// leak: the listener (line 13); exit: the first `?` (line 14)
use std::io;

async fn listen() {}

async fn step(_: u32) -> io::Result<()> {
    Ok(())
}

#[rejoin::must_join]
async fn set_up() -> io::Result<()> {
    let listener = tokio::spawn(listen());
    step(1).await?;
    step(2).await?;
    step(3).await?;
    listener.await?;
    Ok(())
}

fn main() {
    drop(set_up());
}
