//! The task is started, and stored only when it has answered in time.
// leak: the session (line 15); exit: the `return` of the error (line 20)
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::task::JoinHandle;

struct Session {
    task: JoinHandle<()>,
}

#[rejoin::must_join]
async fn open() -> Result<Session, &'static str> {
    let (connected, is_connected) = oneshot::channel::<()>();
    let task = tokio::spawn(async move {
        let _ = connected.send(());
    });
    match tokio::time::timeout(Duration::from_secs(30), is_connected).await {
        Ok(Ok(())) => Ok(Session { task }),
        Ok(Err(_)) => return Err("closed before it was open"),
        Err(_) => panic!("the network is gone"),
    }
}

fn main() {
    drop(async { drop(open().await.unwrap().task) });
}
