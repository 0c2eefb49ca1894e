//! An array that is taken apart.
// leak: the second (line 7); exit: the end of the function (line 10)
async fn work(_: u32) {}

#[rejoin::must_join]
async fn run() {
    let [first, second] = [tokio::spawn(work(1)), tokio::spawn(work(2))];
    first.await.unwrap();
    second.abort();
}

fn main() {
    drop(run());
}
