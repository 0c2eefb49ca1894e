//! The metrics have a port of their own, if any; who joins their server is forgotten.
// leak: the server (line 13); exit: the `?` (line 14)
use std::io;

async fn serve(_: u16) {}

async fn work() -> io::Result<()> {
    Ok(())
}

#[rejoin::must_join]
async fn run(port: Option<u16>) -> io::Result<()> {
    let metrics = port.map(|port| tokio::spawn(serve(port)));
    work().await?;
    if let Some(metrics) = metrics {
        metrics.await?;
    }
    Ok(())
}

fn main() {
    drop(run(None));
}
