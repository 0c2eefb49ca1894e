//! A time limit for each, which drops those that are late.
// leak: the workers (line 9); exit: the handle in the timeout (line 12)
use std::time::Duration;

async fn work(_: usize) {}

#[rejoin::must_join]
async fn stop(count: usize) -> usize {
    let workers: Vec<_> = (0..count).map(|id| tokio::spawn(work(id))).collect();
    let mut ended = 0;
    for worker in workers {
        if tokio::time::timeout(Duration::from_secs(1), worker)
            .await
            .is_ok()
        {
            ended += 1;
        }
    }
    ended
}

fn main() {
    drop(stop(1));
}
