//! `abort` does nothing to a closure that runs.
// leak: the scan (line 9); exit: the end of the function (line 12)
use tokio_util::sync::CancellationToken;

fn scan() {}

#[rejoin::must_join]
async fn search(stop: CancellationToken) {
    let scan = tokio::task::spawn_blocking(scan);
    stop.cancelled().await;
    scan.abort();
}

fn main() {
    drop(search(CancellationToken::new()));
}
