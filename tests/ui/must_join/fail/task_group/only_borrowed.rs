//! Looking at it does not read its outcome.
// leak: the index (line 8); exit: the end of the function (line 10)
async fn index() {}

#[rejoin::must_join]
#[rejoin::task_group]
async fn run() {
    let index = tokio::spawn(index());
    println!("indexing in {}", index.id());
}

fn main() {
    drop(run());
}
