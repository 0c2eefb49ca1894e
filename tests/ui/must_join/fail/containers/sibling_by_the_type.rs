//! An associated function of the same impl.
// leak: the worker (line 16); exit: the `drop` (line 17)
use tokio::task::JoinHandle;

struct Jobs;

async fn work() {}

#[rejoin::must_join]
impl Jobs {
    fn start() -> JoinHandle<()> {
        tokio::spawn(work())
    }

    async fn boot() {
        let worker = Self::start();
        drop(worker);
    }
}

fn main() {
    drop(Jobs::boot());
}
