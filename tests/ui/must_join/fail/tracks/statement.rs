//! As a statement, by a path with a module.
// leak: the job (line 11); exit: the spawn itself
mod pool {
    pub fn submit(job: u32) -> tokio::task::JoinHandle<u32> {
        tokio::spawn(async move { job })
    }
}

#[rejoin::must_join(tracks(pool::submit))]
async fn run() {
    pool::submit(1);
}

fn main() {
    drop(run());
}
