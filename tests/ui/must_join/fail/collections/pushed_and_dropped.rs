//! The list keeps the handles until the function ends, and lets them all go.
// leak: the workers (line 9); exit: the end of the function (line 11)
async fn work(_: usize) {}

#[rejoin::must_join]
async fn start(count: usize) {
    let mut workers = Vec::new();
    for id in 0..count {
        workers.push(tokio::spawn(work(id)));
    }
}

fn main() {
    drop(start(1));
}
