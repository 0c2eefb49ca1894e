//! A grace within the arm of a signal: aborted when it is over, and then left.
// leak: the manager (line 16); exit: the end of the function (line 30)
use std::time::Duration;

use tokio_util::sync::CancellationToken;

async fn manage(stop: CancellationToken) {
    stop.cancelled().await;
}

async fn signal() {}

#[rejoin::must_join]
async fn run() {
    let stop = CancellationToken::new();
    let mut manager = tokio::spawn(manage(stop.clone()));
    tokio::select! {
        ended = &mut manager => eprintln!("it stopped by itself: {ended:?}"),
        _ = signal() => {
            stop.cancel();
            match tokio::time::timeout(Duration::from_secs(20), &mut manager).await {
                Ok(_) => println!("stopped"),
                Err(_) => {
                    eprintln!("aborting");
                    manager.abort();
                }
            }
        }
    }
}

fn main() {
    drop(run());
}
