//! A name without a value.
// error: name (line 3)
#[rejoin::must_join(name)]
async fn work() {}

fn main() {
    drop(work());
}
