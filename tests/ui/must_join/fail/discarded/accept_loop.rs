//! The accept loop of every tutorial: a connection that panics is never heard of.
// leak: the connection (line 11); exit: the spawn itself
use tokio::net::{TcpListener, TcpStream};

async fn handle(_: TcpStream) {}

#[rejoin::must_join]
async fn serve(listener: TcpListener) -> std::io::Result<()> {
    loop {
        let (socket, _) = listener.accept().await?;
        tokio::spawn(handle(socket));
    }
}

fn main() {
    fn _uses(listener: TcpListener) {
        drop(serve(listener));
    }
}
