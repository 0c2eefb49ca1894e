//! Started in one branch only, and joined in neither.
// leak: the mirror (line 12); exit: the end of the function (line 18)
use tokio::task::JoinHandle;

async fn mirror() {}
async fn idle() {}

#[rejoin::must_join]
async fn run(secondary: bool) {
    let task: JoinHandle<()>;
    if secondary {
        task = tokio::spawn(mirror());
    } else {
        return;
    }
    idle().await;
    println!("{}", task.is_finished());
}

fn main() {
    drop(run(true));
}
