//! When another arm is first the handle is dropped.
// leak: the sender (line 9); exit: the handle in the arm (line 11)
use tokio_util::sync::CancellationToken;

async fn send() {}

#[rejoin::must_join]
async fn session(stop: CancellationToken) {
    let sender = tokio::spawn(send());
    tokio::select! {
        ended = sender => ended.unwrap(),
        _ = stop.cancelled() => println!("stopped"),
    }
}

fn main() {
    drop(session(CancellationToken::new()));
}
