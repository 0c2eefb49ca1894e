//! In whatever order they are polled.
// leak: the sender (line 9); exit: the handle in the arm (line 13)
use tokio_util::sync::CancellationToken;

async fn send() {}

#[rejoin::must_join]
async fn session(stop: CancellationToken) {
    let sender = tokio::spawn(send());
    tokio::select! {
        biased;
        _ = stop.cancelled() => println!("stopped"),
        ended = sender => ended.unwrap(),
    }
}

fn main() {
    drop(session(CancellationToken::new()));
}
