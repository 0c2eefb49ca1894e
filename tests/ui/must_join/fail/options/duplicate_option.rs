//! The same option twice.
// error: the second name (line 3)
#[rejoin::must_join(name = "a", name = "b")]
async fn work() {}

fn main() {
    drop(work());
}
