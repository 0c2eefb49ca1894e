//! The loop can be left before the task has ended.
// leak: the connection (line 12); exit: the end of the function (line 23)
use tokio::sync::mpsc::Receiver;
use tokio_util::sync::CancellationToken;

async fn connection() {}

fn handle(_: u32) {}

#[rejoin::must_join]
async fn drive(mut commands: Receiver<u32>, stop: CancellationToken) {
    let mut connection = tokio::spawn(connection());
    loop {
        tokio::select! {
            ended = &mut connection => {
                ended.unwrap();
                break;
            }
            Some(command) = commands.recv() => handle(command),
            _ = stop.cancelled() => break,
        }
    }
}

fn main() {
    let (_sender, receiver) = tokio::sync::mpsc::channel(1);
    drop(drive(receiver, CancellationToken::new()));
}
