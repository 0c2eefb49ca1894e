//! A branch under a condition may not be polled: when all channels are closed nobody waits for the task.
// leak: the connection (line 11); exit: the `return` of the `else` arm (line 16)
use tokio::sync::mpsc::Receiver;

async fn connection() {}

fn handle(_: u32) {}

#[rejoin::must_join]
async fn drive(mut commands: Receiver<u32>, patient: bool) {
    let mut connection = tokio::spawn(connection());
    loop {
        tokio::select! {
            _ = &mut connection, if patient => break,
            Some(command) = commands.recv() => handle(command),
            else => return,
        }
    }
}

fn main() {
    let (_sender, receiver) = tokio::sync::mpsc::channel(1);
    drop(drive(receiver, true));
}
