//! The task has ended when its handle is returned; an accept loop never does.

use tokio::task::JoinHandle;

#[rejoin::task_group]
async fn start_server(port: u16) -> (u16, JoinHandle<()>) {
    let accepting = tokio::spawn(async {
        loop {
            tokio::task::yield_now().await;
        }
    });
    (port, accepting)
}

fn main() {
    drop(start_server(0));
}
