//! An error on the way to the join.
// leak: the checksum (line 15); exit: the `?` (line 16)
use std::io;

fn checksum() -> u64 {
    0
}

async fn upload() -> io::Result<()> {
    Ok(())
}

#[rejoin::must_join]
async fn publish() -> io::Result<u64> {
    let sum = tokio::task::spawn_blocking(checksum);
    upload().await?;
    Ok(sum.await?)
}

fn main() {
    drop(publish());
}
