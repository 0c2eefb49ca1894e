//! The handle that has no name is dropped by the timeout as well.
// leak: the query (line 11); exit: the spawn itself
use std::time::Duration;

async fn query() -> u32 {
    1
}

#[rejoin::must_join]
async fn ask() -> bool {
    tokio::time::timeout(Duration::from_secs(1), tokio::spawn(query()))
        .await
        .is_ok()
}

fn main() {
    drop(ask());
}
