//! What an async block does with a handle counts, on each of its paths.
// leak: the server (line 7); exit: the end of the block (line 12)
async fn serve() {}

#[rejoin::must_join]
async fn run(wait: bool) {
    let server = tokio::spawn(serve());
    let end = async move {
        if wait {
            server.await.unwrap();
        }
    };
    end.await;
}

fn main() {
    drop(run(true));
}
