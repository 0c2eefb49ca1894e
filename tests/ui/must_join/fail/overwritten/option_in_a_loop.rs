//! Of all the searches that were started, only the last is joined.
// leak: the search (line 11); exit: the assignment in the next round (line 11)
use tokio::sync::mpsc::Receiver;

async fn search(_: String) {}

#[rejoin::must_join]
async fn type_ahead(mut keys: Receiver<String>) {
    let mut running = None;
    while let Some(text) = keys.recv().await {
        running = Some(tokio::spawn(search(text)));
    }
    if let Some(search) = running {
        search.await.unwrap();
    }
}

fn main() {
    let (_sender, receiver) = tokio::sync::mpsc::channel(1);
    drop(type_ahead(receiver));
}
