//! Those that have ended are thrown away, the others are lost with the list; nobody was joined.
// leak: the connections (line 12); exit: the end of the function (line 14)
use tokio::sync::mpsc::Receiver;

async fn connection(_: u32) {}

#[rejoin::must_join]
async fn serve(mut sockets: Receiver<u32>) {
    let mut connections = Vec::new();
    while let Some(socket) = sockets.recv().await {
        connections.retain(|task: &tokio::task::JoinHandle<()>| !task.is_finished());
        connections.push(tokio::spawn(connection(socket)));
    }
}

fn main() {
    let (_sender, receiver) = tokio::sync::mpsc::channel(1);
    drop(serve(receiver));
}
