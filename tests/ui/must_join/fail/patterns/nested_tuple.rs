//! However deep in the pattern.
// leak: the third (line 9); exit: the end of the function (line 14)
async fn work(_: u32) {}

#[rejoin::must_join]
async fn run() {
    let (first, (second, third)) = (
        tokio::spawn(work(1)),
        (tokio::spawn(work(2)), tokio::spawn(work(3))),
    );
    first.await.unwrap();
    second.await.unwrap();
    third.abort();
}

fn main() {
    drop(run());
}
