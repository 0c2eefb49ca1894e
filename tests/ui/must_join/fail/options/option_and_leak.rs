//! An option that cannot be understood is told first; the body is not judged by half an attribute.
// error: strict (line 5)
async fn job() {}

#[rejoin::must_join(strict = true)]
async fn work() {
    tokio::spawn(job());
}

fn main() {
    drop(work());
}
