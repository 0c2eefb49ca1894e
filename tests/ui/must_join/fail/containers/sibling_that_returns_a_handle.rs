//! A function of the same module that returns a handle hands the duty on.
// leak: the worker (line 14); exit: the spawn itself
#[rejoin::must_join]
mod jobs {
    use tokio::task::JoinHandle;

    async fn work() {}

    fn start() -> JoinHandle<()> {
        tokio::spawn(work())
    }

    pub async fn boot() {
        start();
    }
}

fn main() {
    drop(jobs::boot());
}
