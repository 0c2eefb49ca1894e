//! An empty list says nothing.
// error: tracks (line 3)
#[rejoin::must_join(tracks())]
async fn work() {}

fn main() {
    drop(work());
}
