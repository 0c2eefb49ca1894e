//! A list stands in parentheses.
// error: tracks (line 3)
#[rejoin::must_join(tracks = pool::start)]
async fn work() {}

fn main() {
    drop(work());
}
