//! Aborted before it was ever held.
// leak: the watcher (line 7); exit: the spawn itself
async fn watch() {}

#[rejoin::must_join]
async fn run() {
    tokio::spawn(watch()).abort();
}

fn main() {
    drop(run());
}
