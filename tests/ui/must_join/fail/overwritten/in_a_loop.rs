//! A server that is started anew with each configuration, the old one merely aborted.
// leak: the server (line 13); exit: the assignment in the next round (line 13)
use tokio::sync::watch::Receiver;
use tokio::task::JoinHandle;

async fn serve(_: u16) {}

#[rejoin::must_join]
async fn run(mut ports: Receiver<u16>) {
    let mut server: JoinHandle<()>;
    loop {
        let port = *ports.borrow_and_update();
        server = tokio::spawn(serve(port));
        if ports.changed().await.is_err() {
            break;
        }
        server.abort();
    }
    server.await.unwrap();
}

fn main() {
    let (_sender, receiver) = tokio::sync::watch::channel(80);
    drop(run(receiver));
}
