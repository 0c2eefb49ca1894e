//! Who gets a reference cannot join it.
// leak: the job (line 13); exit: the end of the function (line 15)
use tokio::task::JoinHandle;

async fn job() {}

fn describe(job: &JoinHandle<()>) -> String {
    job.id().to_string()
}

#[rejoin::must_join]
async fn run() -> String {
    let job = tokio::spawn(job());
    describe(&job)
}

fn main() {
    drop(run());
}
