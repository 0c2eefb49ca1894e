//! An iterator over references joins nobody.
// leak: the workers (line 7); exit: the end of the function (line 9)
async fn work(_: usize) {}

#[rejoin::must_join]
async fn run(count: usize) -> usize {
    let workers: Vec<_> = (0..count).map(|id| tokio::spawn(work(id))).collect();
    workers.iter().filter(|worker| worker.is_finished()).count()
}

fn main() {
    drop(run(1));
}
