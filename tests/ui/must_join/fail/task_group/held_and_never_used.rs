//! The group joins the task, but its outcome goes to a handle that nobody asks.
// leak: the index (line 9); exit: the end of the function (line 13)
async fn index() {}
async fn work() {}

#[rejoin::must_join]
#[rejoin::task_group]
async fn run() {
    let index = tokio::spawn(index());
    let name = index.id();
    work().await;
    println!("{name}");
}

fn main() {
    drop(run());
}
