//! Only the rounds that say so wait.
// leak: the write (line 15); exit: the end of the loop's body (line 19)
use tokio::sync::mpsc::Receiver;

struct Record {
    durable: bool,
}

async fn write(_: Record) {}

#[rejoin::must_join]
async fn log(mut records: Receiver<Record>) {
    while let Some(record) = records.recv().await {
        let durable = record.durable;
        let write = tokio::spawn(write(record));
        if durable {
            write.await.unwrap();
        }
    }
}

fn main() {
    let (_sender, receiver) = tokio::sync::mpsc::channel(1);
    drop(log(receiver));
}
