//! Each function of a module is judged for itself, in one run.
// leak: the first and the second (lines 8 and 12); exit: the spawn itself
#[rejoin::must_join]
mod jobs {
    async fn work(_: u32) {}

    pub async fn first() {
        tokio::spawn(work(1));
    }

    pub async fn second() {
        tokio::spawn(work(2));
    }
}

fn main() {
    drop(jobs::first());
    drop(jobs::second());
}
