//! A flag that says that it is alive, and nobody who joins it then.
// leak: the server (line 9); exit: the end of the function (line 17)
use tokio_util::sync::CancellationToken;

async fn serve() {}

#[rejoin::must_join]
async fn run(stop: CancellationToken) {
    let mut server = tokio::spawn(serve());
    let ended = tokio::select! {
        _ = &mut server => true,
        _ = stop.cancelled() => false,
    };
    if !ended {
        server.abort();
    }
}

fn main() {
    drop(run(CancellationToken::new()));
}
