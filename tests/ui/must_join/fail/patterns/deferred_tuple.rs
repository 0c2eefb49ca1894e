//! Declared first, and given their tasks together.
// leak: the second (line 8); exit: the end of the function (line 11)
async fn work(_: u32) {}

#[rejoin::must_join]
async fn run() {
    let (first, second);
    (first, second) = (tokio::spawn(work(1)), tokio::spawn(work(2)));
    first.await.unwrap();
    println!("{}", second.is_finished());
}

fn main() {
    drop(run());
}
