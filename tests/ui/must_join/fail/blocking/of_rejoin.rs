//! `rejoin::spawn_blocking` gives the same handle.
// leak: the hash (line 9); exit: the spawn itself
fn hash() -> u64 {
    0
}

#[rejoin::must_join]
async fn warm() {
    let _ = rejoin::spawn_blocking(hash);
}

fn main() {
    drop(warm());
}
