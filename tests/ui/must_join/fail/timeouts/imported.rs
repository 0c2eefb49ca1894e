//! Imported in the function.
// leak: the query (line 12); exit: the handle in the timeout (line 13)
async fn query() -> u32 {
    1
}

#[rejoin::must_join]
async fn ask() -> bool {
    use std::time::Duration;
    use tokio::time::timeout;

    let query = tokio::spawn(query());
    timeout(Duration::from_millis(50), query).await.is_ok()
}

fn main() {
    drop(ask());
}
