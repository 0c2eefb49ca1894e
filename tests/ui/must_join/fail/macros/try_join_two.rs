//! Two bare handles: each is lost when the other fails.
// leak: the reader and the writer, each (lines 10 and 11); exit: the handles in the macro (lines 12 and 12)
use tokio::task::JoinError;

async fn read() {}
async fn write() {}

#[rejoin::must_join]
async fn copy() -> Result<(), JoinError> {
    let reader = tokio::spawn(read());
    let writer = tokio::spawn(write());
    tokio::try_join!(reader, writer)?;
    Ok(())
}

fn main() {
    drop(copy());
}
