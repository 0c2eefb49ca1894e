//! One of the two is joined.
// leak: the second (line 8); exit: the end of the function (line 11)
async fn read() {}
async fn write() {}

#[rejoin::must_join]
async fn copy() {
    let (reader, writer) = (tokio::spawn(read()), tokio::spawn(write()));
    reader.await.unwrap();
    println!("{}", writer.is_finished());
}

fn main() {
    drop(copy());
}
