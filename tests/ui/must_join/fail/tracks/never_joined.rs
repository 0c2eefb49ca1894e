//! A function of one's own that gives a handle.
// leak: the worker (line 11); exit: the end of the function (line 13)
use tokio::task::JoinHandle;

fn start_worker() -> JoinHandle<()> {
    tokio::spawn(async {})
}

#[rejoin::must_join(tracks(start_worker))]
async fn run() {
    let worker = start_worker();
    println!("{}", worker.id());
}

fn main() {
    drop(run());
}
