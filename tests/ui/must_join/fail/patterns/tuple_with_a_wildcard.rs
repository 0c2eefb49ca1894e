//! `_` in a pattern takes nothing: the handle is dropped at the end of the statement.
// leak: the second (line 8); exit: the spawn itself
async fn read() {}
async fn write() {}

#[rejoin::must_join]
async fn copy() {
    let (reader, _) = (tokio::spawn(read()), tokio::spawn(write()));
    reader.await.unwrap();
}

fn main() {
    drop(copy());
}
