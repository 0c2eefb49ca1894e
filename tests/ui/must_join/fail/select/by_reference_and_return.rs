//! Joined if it ends first; the other arm leaves.
// leak: the pump (line 11); exit: the `return` in the arm (line 14)
use tokio_util::sync::CancellationToken;

async fn pump() -> u32 {
    1
}

#[rejoin::must_join]
async fn run(stop: CancellationToken) -> u32 {
    let mut pump = tokio::spawn(pump());
    tokio::select! {
        pumped = &mut pump => pumped.unwrap(),
        _ = stop.cancelled() => return 0,
    }
}

fn main() {
    drop(run(CancellationToken::new()));
}
