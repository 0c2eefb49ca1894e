//! The argument is evaluated after the handle was taken, and before the call has it.
// leak: the session (line 15); exit: the `?` in the arguments (line 15)
use std::num::ParseIntError;

use tokio::task::JoinHandle;

async fn session() {}

async fn watch(task: JoinHandle<()>, limit: u32) {
    let _ = (task.await, limit);
}

#[rejoin::must_join]
async fn open(limit: &str) -> Result<(), ParseIntError> {
    watch(tokio::spawn(session()), limit.parse()?).await;
    Ok(())
}

fn main() {
    drop(open("1"));
}
