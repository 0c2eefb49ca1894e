//! The same with a handle that has a name.
// leak: the session (line 15); exit: the `?` in the arguments (line 16)
use std::num::ParseIntError;

use tokio::task::JoinHandle;

async fn session() {}

async fn watch(task: JoinHandle<()>, limit: u32) {
    let _ = (task.await, limit);
}

#[rejoin::must_join]
async fn open(limit: &str) -> Result<(), ParseIntError> {
    let session = tokio::spawn(session());
    watch(session, limit.parse()?).await;
    Ok(())
}

fn main() {
    drop(open("1"));
}
