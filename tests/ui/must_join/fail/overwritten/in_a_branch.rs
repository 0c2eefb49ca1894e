//! When the primary is slow its handle is thrown away, and its task is not.
// leak: the primary (line 9); exit: the assignment (line 11)
async fn dial(_: &str) -> u32 {
    1
}

#[rejoin::must_join]
async fn connect(slow: bool) -> u32 {
    let mut attempt = tokio::spawn(dial("primary"));
    if slow {
        attempt = tokio::spawn(dial("secondary"));
    }
    attempt.await.unwrap()
}

fn main() {
    drop(connect(true));
}
