//! Or asked for, and the task aborted.
// leak: the drain (line 9); exit: the end of the function (line 14)
use std::time::Duration;

async fn drain() {}

#[rejoin::must_join]
async fn shut_down() {
    let mut drain = tokio::spawn(drain());
    let drained = tokio::time::timeout(Duration::from_secs(5), &mut drain).await;
    if drained.is_err() {
        drain.abort();
    }
}

fn main() {
    drop(shut_down());
}
