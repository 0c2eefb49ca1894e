//! A `return` before the join.
// leak: the loader (line 9); exit: the `return` (line 11)
async fn load() -> u32 {
    1
}

#[rejoin::must_join]
async fn count(cached: Option<u32>) -> u32 {
    let loader = tokio::spawn(load());
    if cached == Some(0) {
        return 0;
    }
    loader.await.unwrap()
}

fn main() {
    drop(count(None));
}
