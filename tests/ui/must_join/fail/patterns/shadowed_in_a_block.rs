//! The inner one is joined; the outer one has the same name only.
// leak: the outer (line 7); exit: the end of the function (line 13)
async fn work(_: u32) {}

#[rejoin::must_join]
async fn run() {
    let task = tokio::spawn(work(1));
    {
        let task = tokio::spawn(work(2));
        task.await.unwrap();
    }
    println!("{}", task.is_finished());
}

fn main() {
    drop(run());
}
