//! A list that was written out.
// leak: the only worker (line 7); exit: the end of the function (line 9)
async fn work(_: usize) {}

#[rejoin::must_join]
async fn start() {
    let workers = vec![tokio::spawn(work(1))];
    println!("{} started", workers.len());
}

fn main() {
    drop(start());
}
