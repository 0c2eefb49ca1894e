//! Silencing the linter does not bring the task home.
// leak: the sweep (line 10); exit: the end of the function (line 12)
#![allow(unused_variables)]

async fn sweep() {}
async fn serve() {}

#[rejoin::must_join]
async fn run() {
    let sweeper = tokio::spawn(sweep());
    serve().await;
}

fn main() {
    drop(run());
}
