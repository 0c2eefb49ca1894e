//! The closure that would join is made on one path only.
// leak: the server (line 12); exit: the end of the function (line 16)
use std::future::Future;
use std::pin::Pin;

type Callback = Pin<Box<dyn Future<Output = ()> + Send>>;

async fn serve() {}

#[rejoin::must_join]
async fn run(callbacks: &mut Vec<Callback>, wait: bool) {
    let server = tokio::spawn(serve());
    if wait {
        callbacks.push(Box::pin(async move { server.await.unwrap() }));
    }
}

fn main() {
    drop(run(&mut Vec::new(), true));
}
