//! The block takes the handle and leaves before the join.
// leak: the server (line 7); exit: the `return` in the block (line 10)
async fn serve() {}

#[rejoin::must_join]
async fn run(skip: bool) {
    let server = tokio::spawn(serve());
    let end = async move {
        if skip {
            return;
        }
        server.await.unwrap();
    };
    end.await;
}

fn main() {
    drop(run(true));
}
