//! The other way out of a `let … else`.
// leak: the ticker (line 9); exit: the `return` of the `else` (line 11)
use tokio::sync::mpsc::Receiver;

async fn tick() {}

#[rejoin::must_join]
async fn first(mut messages: Receiver<u32>) -> u32 {
    let ticker = tokio::spawn(tick());
    let Some(message) = messages.recv().await else {
        return 0;
    };
    ticker.await.unwrap();
    message
}

fn main() {
    let (_sender, receiver) = tokio::sync::mpsc::channel(1);
    drop(first(receiver));
}
