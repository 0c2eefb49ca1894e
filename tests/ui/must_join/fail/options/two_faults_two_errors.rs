//! Each fault is told once, all of them in one run.
// error: colour, and the empty name (lines 3 and 3)
#[rejoin::must_join(colour = "red", name = "")]
async fn work() {}

fn main() {
    drop(work());
}
