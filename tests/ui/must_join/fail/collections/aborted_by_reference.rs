//! All of them aborted, none of them joined.
// leak: the workers (line 10); exit: the end of the function (line 16)
async fn work(_: usize) {}
async fn serve() {}

#[rejoin::must_join]
async fn run(count: usize) {
    let mut workers = Vec::new();
    for id in 0..count {
        workers.push(tokio::spawn(work(id)));
    }
    serve().await;
    for worker in &workers {
        worker.abort();
    }
}

fn main() {
    drop(run(1));
}
