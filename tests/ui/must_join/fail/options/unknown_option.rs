//! An option that there is not.
// error: strict (line 3)
#[rejoin::must_join(strict = true)]
async fn work() {}

fn main() {
    drop(work());
}
