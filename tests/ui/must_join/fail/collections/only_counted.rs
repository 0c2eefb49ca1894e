//! Looking at the list joins nobody.
// leak: the workers (line 9); exit: the end of the function (line 12)
async fn work(_: usize) {}

#[rejoin::must_join]
async fn start(count: usize) -> usize {
    let mut workers = Vec::new();
    for id in 0..count {
        workers.push(tokio::spawn(work(id)));
    }
    workers.len()
}

fn main() {
    drop(start(1));
}
