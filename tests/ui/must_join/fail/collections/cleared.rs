//! `clear` drops every handle in the list.
// leak: the workers (line 9); exit: the `clear` (line 11)
async fn work(_: usize) {}

#[rejoin::must_join]
async fn restart(count: usize) {
    let mut workers = Vec::new();
    for id in 0..count {
        workers.push(tokio::spawn(work(id)));
    }
    workers.clear();
}

fn main() {
    drop(restart(1));
}
