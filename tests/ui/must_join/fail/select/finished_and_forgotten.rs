//! Asked whether it has ended, and forgotten when it has not.
// leak: the server (line 9); exit: the end of the function (line 17)
use tokio_util::sync::CancellationToken;

async fn serve() {}

#[rejoin::must_join]
async fn run(stop: CancellationToken) {
    let mut server = tokio::spawn(serve());
    tokio::select! {
        _ = &mut server => {}
        _ = stop.cancelled() => {}
    }
    if !server.is_finished() {
        server.abort();
    }
}

fn main() {
    drop(run(CancellationToken::new()));
}
