//! When the other branch fails the handle is dropped with it.
// leak: the cache (line 13); exit: the handle in the macro (line 14)
use tokio::task::JoinError;

async fn cache() {}

async fn connect() -> Result<u32, JoinError> {
    Ok(1)
}

#[rejoin::must_join]
async fn start() -> Result<u32, JoinError> {
    let cache = tokio::spawn(cache());
    let (_, peer) = tokio::try_join!(cache, connect())?;
    Ok(peer)
}

fn main() {
    drop(start());
}
