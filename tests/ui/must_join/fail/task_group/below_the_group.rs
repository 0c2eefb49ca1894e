//! In the other order as well.
// leak: the index (line 9); exit: the end of the function (line 13)
async fn index() {}
async fn work() {}

#[rejoin::task_group]
#[rejoin::must_join]
async fn run() {
    let index = tokio::spawn(index());
    let name = index.id();
    work().await;
    println!("{name}");
}

fn main() {
    drop(run());
}
