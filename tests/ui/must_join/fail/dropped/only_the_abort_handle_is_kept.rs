//! An abort handle can stop the task, and cannot wait for it.
// leak: the connection (line 9); exit: the end of the function (line 11)
use tokio::task::AbortHandle;

async fn connection(_: u32) {}

#[rejoin::must_join]
fn open(registry: &mut Vec<AbortHandle>, id: u32) {
    let connection = tokio::spawn(connection(id));
    registry.push(connection.abort_handle());
}

fn main() {
    if false {
        open(&mut Vec::new(), 1);
    }
}
