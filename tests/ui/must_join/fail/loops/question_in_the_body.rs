//! A read that fails in the middle of a round.
// leak: the echo (line 16); exit: the `?` behind the read (line 17)
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

async fn account(_: usize) {}

#[rejoin::must_join]
async fn echo(mut socket: TcpStream) -> std::io::Result<()> {
    let mut buffer = [0; 1024];
    loop {
        let read = socket.read(&mut buffer).await?;
        if read == 0 {
            return Ok(());
        }
        let account = tokio::spawn(account(read));
        socket.write_all(&buffer[..read]).await?;
        account.await?;
    }
}

fn main() {
    fn _uses(socket: TcpStream) {
        drop(echo(socket));
    }
}
