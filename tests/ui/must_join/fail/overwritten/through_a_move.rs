//! A handle that was moved into a variable takes the place of the one that was there.
// leak: the first (line 7); exit: the assignment (line 10)
async fn work(_: u32) {}

#[rejoin::must_join]
async fn latest() {
    let mut current = tokio::spawn(work(1));
    println!("{}", current.id());
    let next = tokio::spawn(work(2));
    current = next;
    current.await.unwrap();
}

fn main() {
    drop(latest());
}
