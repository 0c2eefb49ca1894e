//! `ref` borrows.
// leak: the job (line 7); exit: the end of the function (line 10)
async fn job() {}

#[rejoin::must_join]
async fn run() {
    let job = tokio::spawn(job());
    let ref borrowed = job;
    borrowed.abort();
}

fn main() {
    drop(run());
}
