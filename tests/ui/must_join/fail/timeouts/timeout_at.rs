//! A deadline does what a duration does.
// leak: the query (line 11); exit: the handle in the timeout (line 12)
use tokio::time::Instant;

async fn query() -> u32 {
    1
}

#[rejoin::must_join]
async fn ask(deadline: Instant) -> bool {
    let query = tokio::spawn(query());
    tokio::time::timeout_at(deadline, query).await.is_ok()
}

fn main() {
    drop(ask);
}
