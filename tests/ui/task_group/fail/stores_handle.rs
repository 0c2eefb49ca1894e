//! A handle behind `self` outlives the group of its task.

use tokio::task::JoinHandle;

struct Server {
    accepting: Option<JoinHandle<()>>,
}

impl Server {
    #[rejoin::task_group]
    async fn start(&mut self) {
        self.accepting = Some(tokio::spawn(async {}));
    }
}

fn main() {
    drop(Server { accepting: None }.start());
}
