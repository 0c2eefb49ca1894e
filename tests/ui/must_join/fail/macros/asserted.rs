//! So does one that asserts.
// leak: the job (line 7); exit: the end of the function (line 9)
async fn job() {}

#[rejoin::must_join]
async fn run() {
    let job = tokio::spawn(job());
    assert!(!job.is_finished(), "it was just started");
}

fn main() {
    drop(run());
}
