//! An empty name.
// error: the string (line 3)
#[rejoin::must_join(name = "")]
async fn work() {}

fn main() {
    drop(work());
}
