//! `tracks` wants paths.
// error: tracks (line 3)
#[rejoin::must_join(tracks)]
async fn work() {}

fn main() {
    drop(work());
}
