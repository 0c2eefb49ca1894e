//! A blocking task cannot be aborted: all the more it is to be joined.
// leak: the hash (line 9); exit: the spawn itself
fn hash(_: String) -> u64 {
    0
}

#[rejoin::must_join]
async fn warm(password: String) {
    tokio::task::spawn_blocking(move || hash(password));
}

fn main() {
    drop(warm(String::new()));
}
