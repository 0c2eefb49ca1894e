//! A task that is started in the macro.
// leak: the cache (line 13); exit: the spawn itself
use tokio::task::JoinError;

async fn cache() {}

async fn connect() -> Result<u32, JoinError> {
    Ok(1)
}

#[rejoin::must_join]
async fn start() -> Result<u32, JoinError> {
    let (_, peer) = tokio::try_join!(tokio::spawn(cache()), connect())?;
    Ok(peer)
}

fn main() {
    drop(start());
}
