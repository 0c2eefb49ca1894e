//! In the README: a list of handles that is dropped at the end.
async fn serve(_: u64) {}

#[rejoin::must_join]
async fn accept(mut clients: tokio::sync::mpsc::Receiver<u64>) {
    let mut serving = Vec::new();
    while let Some(client) = clients.recv().await {
        serving.push(tokio::spawn(serve(client)));
    }
}

fn main() {}
