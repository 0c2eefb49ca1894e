//! The handler of an arm is code like any other.
// leak: the job (line 13); exit: the spawn itself
use tokio::sync::mpsc::Receiver;
use tokio_util::sync::CancellationToken;

async fn work(_: u32) {}

#[rejoin::must_join]
async fn dispatch(mut jobs: Receiver<u32>, stop: CancellationToken) {
    loop {
        tokio::select! {
            Some(job) = jobs.recv() => {
                tokio::spawn(work(job));
            }
            _ = stop.cancelled() => break,
        }
    }
}

fn main() {
    let (_sender, receiver) = tokio::sync::mpsc::channel(1);
    drop(dispatch(receiver, CancellationToken::new()));
}
