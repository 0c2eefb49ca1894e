//! A crate that knows us by another name says so.

mod prelude {
    pub(super) use rejoin as joined;
}

use super::{Failure, is_tracked};
use prelude::joined;

#[joined::guarded(crate = prelude::joined)]
async fn guarded(x: u8) -> Result<u8, Failure> {
    let (alive, rx) = tokio::sync::oneshot::channel::<()>();
    tokio::spawn(async { rx.await.ok() });
    assert!(is_tracked("guarded"));
    drop(alive);
    Ok(tokio::spawn(async move { x }).await?)
}

#[joined::task_group(crate = prelude::joined, limit = 1)]
async fn grouped(x: u8) -> Result<u8, Failure> {
    tokio::spawn(async { Ok::<(), Failure>(()) });
    assert!(x > 0, "zero");
    Ok(tokio::spawn(async move { x }).await?)
}

#[tokio::test]
async fn a_renamed_crate_is_found() {
    assert_eq!(guarded(1).await.unwrap(), 1);
    assert_eq!(grouped(2).await.unwrap(), 2);
    assert_eq!(grouped(0).await.unwrap_err().0, "zero");
}
