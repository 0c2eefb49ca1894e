//! The value of the `select!` tells what happened, and the handle is forgotten all the same.
// leak: the server (line 11); exit: the end of the function (line 20)
use tokio_util::sync::CancellationToken;

async fn serve() -> u32 {
    1
}

#[rejoin::must_join]
async fn run(stop: CancellationToken) -> u32 {
    let mut server = tokio::spawn(serve());
    let ended = tokio::select! {
        ended = &mut server => Some(ended),
        _ = stop.cancelled() => None,
    };
    match ended {
        Some(ended) => ended.unwrap(),
        None => 0,
    }
}

fn main() {
    drop(run(CancellationToken::new()));
}
