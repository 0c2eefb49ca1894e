//! Whatever its arguments are.
// leak: the job (line 14); exit: the handle in the timeout (line 15)
use std::time::Duration;

use tokio::task::JoinHandle;

fn submit(priority: u8, name: &str, weight: f64) -> JoinHandle<bool> {
    let heavy = weight > f64::from(priority) && !name.is_empty();
    tokio::spawn(async move { heavy })
}

#[rejoin::must_join(tracks(submit))]
async fn run() -> bool {
    let job = submit(1, "a", 2.0);
    tokio::time::timeout(Duration::from_secs(1), job)
        .await
        .is_ok()
}

fn main() {
    drop(run());
}
