//! A task that is started in the arm is lost when the arm loses.
// leak: the fetch (line 12); exit: the spawn itself
use std::time::Duration;

async fn fetch() -> u32 {
    1
}

#[rejoin::must_join]
async fn first() -> Option<u32> {
    tokio::select! {
        answer = tokio::spawn(fetch()) => answer.ok(),
        _ = tokio::time::sleep(Duration::from_secs(1)) => None,
    }
}

fn main() {
    drop(first());
}
