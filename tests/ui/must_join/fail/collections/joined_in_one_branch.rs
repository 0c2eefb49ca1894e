//! Joined when the shutdown is graceful.
// leak: the workers (line 9); exit: the end of the function (line 14)
async fn work(_: usize) {}

#[rejoin::must_join]
async fn run(count: usize, graceful: bool) {
    let mut workers = Vec::new();
    for id in 0..count {
        workers.push(tokio::spawn(work(id)));
    }
    if graceful {
        futures::future::join_all(workers).await;
    }
}

fn main() {
    drop(run(1, true));
}
