//! A closed semaphore is rare, and leaks all the same.
// leak: the download (line 11); exit: the `?` behind the permit (line 12)
use std::sync::Arc;

use tokio::sync::{AcquireError, Semaphore};

async fn download() {}

#[rejoin::must_join]
async fn fetch(limit: Arc<Semaphore>) -> Result<(), AcquireError> {
    let download = tokio::spawn(download());
    let _permit = limit.acquire().await?;
    download.await.expect("the download panicked");
    Ok(())
}

fn main() {
    drop(fetch(Arc::new(Semaphore::new(1))));
}
