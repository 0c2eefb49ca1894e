//! The task that is to stop the other one does not wait for it.
// leak: the server (line 11); exit: the end of the block (line 15)
use std::sync::Arc;

use tokio::sync::Notify;

async fn serve() {}

#[rejoin::must_join]
async fn run(stop: Arc<Notify>) {
    let server = tokio::spawn(serve());
    let stopper = tokio::spawn(async move {
        stop.notified().await;
        server.abort();
    });
    stopper.await.unwrap();
}

fn main() {
    drop(run(Arc::new(Notify::new())));
}
