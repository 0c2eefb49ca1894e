//! Nobody asks whether the time was up.
// leak: the drain (line 9); exit: the end of the function (line 11)
use std::time::Duration;

async fn drain() {}

#[rejoin::must_join]
async fn shut_down() {
    let mut drain = tokio::spawn(drain());
    let _ = tokio::time::timeout(Duration::from_secs(5), &mut drain).await;
}

fn main() {
    drop(shut_down());
}
