//! Held first and dropped later is neither asked nor left to the group.
// leak: the index (line 8); exit: the `drop` (line 10)
async fn index() {}

#[rejoin::must_join]
#[rejoin::task_group]
async fn run() {
    let index = tokio::spawn(index());
    println!("indexing in {}", index.id());
    drop(index);
}

fn main() {
    drop(run());
}
