//! The closure of `map_err` aborts; the `?` behind it leaves without waiting.
// leak: the reader (line 9); exit: the `?` (line 13)
use tokio::sync::mpsc::Sender;

async fn read() {}

#[rejoin::must_join]
async fn disconnect(farewells: Sender<u32>) -> Result<(), String> {
    let reader = tokio::spawn(read());
    farewells.send(1).await.map_err(|error| {
        reader.abort();
        error.to_string()
    })?;
    reader.await.map_err(|error| error.to_string())
}

fn main() {
    let (sender, _receiver) = tokio::sync::mpsc::channel(1);
    drop(disconnect(sender));
}
