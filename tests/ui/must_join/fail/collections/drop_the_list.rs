//! Dropping the list drops every handle in it.
// leak: the workers (line 9); exit: the `drop` (line 11)
async fn work(_: usize) {}

#[rejoin::must_join]
async fn start(count: usize) {
    let mut workers = Vec::new();
    for id in 0..count {
        workers.push(tokio::spawn(work(id)));
    }
    drop(workers);
}

fn main() {
    drop(start(1));
}
