//! A list of handles that a sibling made.
// leak: the workers (line 14); exit: the end of the function (line 16)
#[rejoin::must_join]
mod jobs {
    use tokio::task::JoinHandle;

    async fn work(_: u32) {}

    fn start_all() -> Vec<JoinHandle<()>> {
        (0..4).map(|id| tokio::spawn(work(id))).collect()
    }

    pub async fn boot() -> usize {
        let workers = start_all();
        workers.len()
    }
}

fn main() {
    drop(jobs::boot());
}
