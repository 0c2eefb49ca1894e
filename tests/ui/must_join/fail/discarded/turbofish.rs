//! Generic arguments do not hide a spawn.
// leak: the report (line 7); exit: the spawn itself
use std::future::Future;

#[rejoin::must_join]
async fn later<F: Future<Output = ()> + Send + 'static>(report: F) {
    tokio::spawn::<F>(report);
}

fn main() {
    drop(later(async {}));
}
