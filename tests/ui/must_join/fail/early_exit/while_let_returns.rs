//! The way out of a reading loop.
// leak: the keep-alive (line 9); exit: the `return` (line 13)
use tokio::sync::mpsc::Receiver;

async fn keep_alive() {}

#[rejoin::must_join]
async fn session(mut lines: Receiver<String>) -> usize {
    let keep_alive = tokio::spawn(keep_alive());
    let mut seen = 0;
    while let Some(line) = lines.recv().await {
        if line == "quit" {
            return seen;
        }
        seen += 1;
    }
    keep_alive.await.unwrap();
    seen
}

fn main() {
    let (_sender, receiver) = tokio::sync::mpsc::channel(1);
    drop(session(receiver));
}
