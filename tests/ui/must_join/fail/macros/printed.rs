//! A macro that formats only borrows.
// leak: the job (line 7); exit: the end of the function (line 9)
async fn job() {}

#[rejoin::must_join]
async fn run() {
    let job = tokio::spawn(job());
    println!("started {job:?} and {:?}", job.id());
}

fn main() {
    drop(run());
}
