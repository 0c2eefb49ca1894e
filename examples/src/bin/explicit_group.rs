//! `TaskGroup` without macros: a server that shouts back, line by line, and says goodbye to everybody when it stops.
//!
//! ```text
//! cargo run --bin explicit_group
//! nc localhost PORT
//! ```

use rejoin::{OnFailure, TaskGroup};
use rejoin_examples::stop;
use std::io;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// One connection. What it fails with is its own affair: the group reports it and goes on.
async fn shout(mut socket: TcpStream) -> io::Result<()> {
    let (read, mut write) = socket.split();
    let mut lines = BufReader::new(read).lines();
    loop {
        tokio::select! {
            line = lines.next_line() => {
                let Some(line) = line? else { return Ok(()) };
                assert!(!line.contains("panic"), "asked to panic");
                write.write_all(format!("{}\n", line.to_uppercase()).as_bytes()).await?;
            }
            _ = rejoin::cancelled() => return write.write_all(b"GOODBYE\n").await,
        }
    }
}

#[tokio::main]
async fn main() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);

    let connections = TaskGroup::<io::Error>::builder()
        .name("connections")
        .on_failure(OnFailure::Isolate)
        .grace(Duration::from_secs(1))
        .open();
    let mut stop = std::pin::pin!(stop::requested());
    loop {
        tokio::select! {
            accepted = listener.accept() => connections.launch(shout(accepted?.0)),
            () = &mut stop => break,
        }
    }
    // Everybody is told, has a second to say goodbye, and is gone when this returns.
    connections.cancel();
    connections.join().await?;
    println!("closed");
    Ok(())
}
