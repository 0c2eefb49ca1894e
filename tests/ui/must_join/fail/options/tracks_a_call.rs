//! The path, not a call of it.
// error: the parentheses (line 7)
mod pool {
    pub fn start() {}
}

#[rejoin::must_join(tracks(pool::start()))]
async fn work() {
    pool::start();
}

fn main() {
    drop(work());
}
