//! Looking whether it has ended is not joining: its panic is never seen.
// leak: the job (line 7); exit: the end of the function (line 11)
async fn job() {}

#[rejoin::must_join]
async fn run() {
    let job = tokio::spawn(job());
    while !job.is_finished() {
        tokio::task::yield_now().await;
    }
}

fn main() {
    drop(run());
}
