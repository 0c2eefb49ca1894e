//! A name in front of a pattern binds the handle as well.
// leak: the job (line 7); exit: the end of the function (line 9)
async fn job() {}

#[rejoin::must_join]
async fn run() {
    let (job, count) = (tokio::spawn(job()), 1);
    println!("{} of {count}", job.id());
}

fn main() {
    drop(run());
}
