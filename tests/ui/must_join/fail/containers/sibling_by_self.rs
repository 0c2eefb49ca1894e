//! A method of the same impl that returns a handle.
// leak: the worker (line 18); exit: the end of the method (line 20)
use tokio::task::JoinHandle;

struct Jobs {
    next: u32,
}

async fn work(_: u32) {}

#[rejoin::must_join]
impl Jobs {
    fn start(&self) -> JoinHandle<()> {
        tokio::spawn(work(self.next))
    }

    async fn boot(&self) {
        let worker = self.start();
        println!("{}", worker.id());
    }
}

fn main() {
    drop(Jobs { next: 0 }.boot());
}
