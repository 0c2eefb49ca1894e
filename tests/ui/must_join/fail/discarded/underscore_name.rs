//! A `_name` that is never mentioned again keeps the linter quiet, and the task as lost as a statement would.
// leak: the refresher (line 15); exit: the spawn itself
use std::time::Duration;

async fn refresh_forever() {
    loop {
        tokio::time::sleep(Duration::from_secs(30)).await;
    }
}

async fn serve() {}

#[rejoin::must_join]
async fn run() {
    let _refresher = tokio::spawn(refresh_forever());
    serve().await;
}

fn main() {
    drop(run());
}
