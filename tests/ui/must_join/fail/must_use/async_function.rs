//! The handle is what the future gives.
// error: the awaited call (line 13)
#![deny(unused_must_use)]

use tokio::task::JoinHandle;

#[rejoin::must_join]
async fn start() -> JoinHandle<()> {
    tokio::spawn(async {})
}

async fn boot() {
    start().await;
}

fn main() {
    drop(boot());
}
