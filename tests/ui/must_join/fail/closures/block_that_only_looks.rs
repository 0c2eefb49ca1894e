//! An async block that borrows the handle does not join it.
// leak: the job (line 7); exit: the end of the function (line 14)
async fn job() {}

#[rejoin::must_join]
async fn run() {
    let job = tokio::spawn(job());
    let ended = async {
        while !job.is_finished() {
            tokio::task::yield_now().await;
        }
    };
    ended.await;
}

fn main() {
    drop(run());
}
