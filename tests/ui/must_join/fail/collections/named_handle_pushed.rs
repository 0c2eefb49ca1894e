//! It had a name before it was put away.
// leak: the worker (line 9); exit: the end of the function (line 13)
async fn work(_: usize) {}

#[rejoin::must_join]
async fn start(count: usize) {
    let mut workers = Vec::new();
    for id in 0..count {
        let worker = tokio::spawn(work(id));
        println!("worker {id} is task {}", worker.id());
        workers.push(worker);
    }
}

fn main() {
    drop(start(1));
}
