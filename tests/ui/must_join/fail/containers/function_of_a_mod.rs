//! On a module it means every function, and its imports are seen.
// leak: the beat (line 10); exit: the spawn itself
#[rejoin::must_join]
mod heart {
    use tokio::spawn;

    async fn beat() {}

    pub async fn start() {
        spawn(beat());
    }
}

fn main() {
    drop(heart::start());
}
