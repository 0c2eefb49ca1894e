//! A name is a string.
// error: the number (line 3)
#[rejoin::must_join(name = 7)]
async fn work() {}

fn main() {
    drop(work());
}
