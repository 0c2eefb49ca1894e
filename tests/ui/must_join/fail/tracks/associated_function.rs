//! A function of a type.
// leak: the connection (line 21); exit: the `?` (line 22)
use std::io;

use tokio::task::JoinHandle;

struct Connection;

impl Connection {
    fn spawn(_: &str) -> JoinHandle<()> {
        tokio::spawn(async {})
    }
}

async fn handshake() -> io::Result<()> {
    Ok(())
}

#[rejoin::must_join(tracks(Connection::spawn))]
async fn open(address: &str) -> io::Result<()> {
    let connection = Connection::spawn(address);
    handshake().await?;
    connection.await?;
    Ok(())
}

fn main() {
    drop(open(""));
}
