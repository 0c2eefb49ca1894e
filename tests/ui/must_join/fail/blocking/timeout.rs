//! The timeout gives up; the closure does not.
// leak: the trace (line 11); exit: the spawn itself
use std::time::Duration;

fn trace() -> u64 {
    0
}

#[rejoin::must_join]
async fn debug() -> Option<u64> {
    let traced = tokio::time::timeout(Duration::from_secs(5), tokio::task::spawn_blocking(trace));
    traced.await.ok()?.ok()
}

fn main() {
    drop(debug());
}
