//! One task a round, none of them joined.
// leak: the batch (line 8); exit: the end of the loop's body (line 10)
async fn store(_: u32) {}

#[rejoin::must_join]
async fn flush(batches: Vec<u32>) {
    for batch in batches {
        let task = tokio::spawn(store(batch));
        println!("batch {batch} is task {}", task.id());
    }
}

fn main() {
    drop(flush(Vec::new()));
}
