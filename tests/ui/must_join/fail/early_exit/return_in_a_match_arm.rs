//! The arm of the error leaves without the handle.
// leak: the cleaner (line 13); exit: the `return` in the arm (line 18)
use std::io;

async fn clean() {}

async fn connect() -> io::Result<u32> {
    Ok(1)
}

#[rejoin::must_join]
async fn run() -> Option<u32> {
    let cleaner = tokio::spawn(clean());
    let peer = match connect().await {
        Ok(peer) => peer,
        Err(error) => {
            eprintln!("no peer: {error}");
            return None;
        }
    };
    cleaner.await.ok()?;
    Some(peer)
}

fn main() {
    drop(run());
}
