//! An arm that fails leaves the loop and the task.
// leak: the connection (line 15); exit: the `?` in the arm (line 23)
use std::io;

use tokio::sync::mpsc::Receiver;

async fn connection() {}

fn handle(_: u32) -> io::Result<()> {
    Ok(())
}

#[rejoin::must_join]
async fn drive(mut commands: Receiver<u32>) -> io::Result<()> {
    let mut connection = tokio::spawn(connection());
    loop {
        tokio::select! {
            ended = &mut connection => {
                ended?;
                return Ok(());
            }
            Some(command) = commands.recv() => {
                handle(command)?;
            }
        }
    }
}

fn main() {
    let (_sender, receiver) = tokio::sync::mpsc::channel(1);
    drop(drive(receiver));
}
