//! Taken out of the list one by one, aborted, and not joined.
// leak: the workers (line 9); exit: the end of the loop's body (line 13)
async fn work(_: usize) {}

#[rejoin::must_join]
async fn stop(count: usize) {
    let mut workers = Vec::new();
    for id in 0..count {
        workers.push(tokio::spawn(work(id)));
    }
    for worker in workers {
        worker.abort();
    }
}

fn main() {
    drop(stop(1));
}
