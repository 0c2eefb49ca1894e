//! An aborted task still runs to its next await; who goes on meanwhile has not waited for it.
// leak: the watcher (line 8); exit: the end of the function (line 11)
async fn watch() {}
async fn work() {}

#[rejoin::must_join]
async fn run() {
    let watcher = tokio::spawn(watch());
    work().await;
    watcher.abort();
}

fn main() {
    drop(run());
}
