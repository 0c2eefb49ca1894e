//! Aborted after the timeout, and not waited for: it may run on while the program goes down.
// leak: the drain (line 9); exit: the end of the function (line 14)
use std::time::Duration;

async fn drain() {}

#[rejoin::must_join]
async fn shut_down() {
    let mut drain = tokio::spawn(drain());
    match tokio::time::timeout(Duration::from_secs(5), &mut drain).await {
        Ok(ended) => ended.unwrap(),
        Err(_) => drain.abort(),
    }
}

fn main() {
    drop(shut_down());
}
