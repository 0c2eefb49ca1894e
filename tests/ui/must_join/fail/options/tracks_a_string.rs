//! Paths are written as paths.
// error: the string (line 3)
#[rejoin::must_join(tracks("pool::start"))]
async fn work() {}

fn main() {
    drop(work());
}
