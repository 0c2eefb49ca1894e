//! A list that ends with each round of a loop.
// leak: the chunk (line 12); exit: the end of the loop's body (line 14)
use tokio::sync::mpsc::Receiver;

async fn store(_: u32) {}

#[rejoin::must_join]
async fn drain(mut batches: Receiver<Vec<u32>>) {
    while let Some(batch) = batches.recv().await {
        let mut writes = Vec::new();
        for row in batch {
            writes.push(tokio::spawn(store(row)));
        }
    }
}

fn main() {
    let (_sender, receiver) = tokio::sync::mpsc::channel(1);
    drop(drain(receiver));
}
