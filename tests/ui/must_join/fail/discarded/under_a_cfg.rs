//! A statement that exists only under a condition leaks when it does.
// leak: the probe (line 8); exit: the spawn itself
async fn probe() {}

#[rejoin::must_join]
async fn start() {
    #[cfg(not(any()))]
    tokio::spawn(probe());
}

fn main() {
    drop(start());
}
