//! A word alone.
// error: strict (line 3)
#[rejoin::must_join(strict)]
async fn work() {}

fn main() {
    drop(work());
}
