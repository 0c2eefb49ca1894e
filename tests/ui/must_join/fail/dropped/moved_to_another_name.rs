//! Under its new name it is as lost.
// leak: the sweep (line 8); exit: the end of the function (line 12)
async fn sweep() {}
async fn serve() {}

#[rejoin::must_join]
async fn run() {
    let started = tokio::spawn(sweep());
    let background = started;
    serve().await;
    background.abort();
}

fn main() {
    drop(run());
}
