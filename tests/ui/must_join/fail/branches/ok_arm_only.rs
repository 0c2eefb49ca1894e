//! Joined when the connection stands, not when it fails.
// leak: the metrics (line 15); exit: the end of the function (line 23)
use std::io;

async fn metrics() {}

async fn connect() -> io::Result<u32> {
    Ok(1)
}

async fn serve(_: u32) {}

#[rejoin::must_join]
async fn run() {
    let metrics = tokio::spawn(metrics());
    match connect().await {
        Ok(peer) => {
            serve(peer).await;
            metrics.await.unwrap();
        }
        Err(error) => eprintln!("no peer: {error}"),
    }
}

fn main() {
    drop(run());
}
