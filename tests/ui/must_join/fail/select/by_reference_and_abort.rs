//! The other arm aborts and does not wait.
// leak: the pump (line 9); exit: the end of the function (line 16)
use tokio_util::sync::CancellationToken;

async fn pump() {}

#[rejoin::must_join]
async fn run(stop: CancellationToken) {
    let mut pump = tokio::spawn(pump());
    tokio::select! {
        pumped = &mut pump => pumped.unwrap(),
        _ = stop.cancelled() => {
            pump.abort();
        }
    }
}

fn main() {
    drop(run(CancellationToken::new()));
}
