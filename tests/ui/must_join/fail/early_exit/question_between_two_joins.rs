//! When the first join fails, the second handle is dropped: its task goes on, unwatched.
// leak: the writer (line 11); exit: the `?` behind the reader (line 12)
use tokio::task::JoinError;

async fn read() {}
async fn write() {}

#[rejoin::must_join]
async fn copy() -> Result<(), JoinError> {
    let reader = tokio::spawn(read());
    let writer = tokio::spawn(write());
    reader.await?;
    writer.await?;
    Ok(())
}

fn main() {
    drop(copy());
}
