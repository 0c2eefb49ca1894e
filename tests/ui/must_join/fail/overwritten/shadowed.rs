//! A second `let` hides the first handle, which is dropped unseen at the end.
// leak: the reader (line 8); exit: the end of the function (line 12)
async fn read() {}
async fn write() {}

#[rejoin::must_join]
async fn copy() {
    let task = tokio::spawn(read());
    println!("reading in {}", task.id());
    let task = tokio::spawn(write());
    task.await.unwrap();
}

fn main() {
    drop(copy());
}
