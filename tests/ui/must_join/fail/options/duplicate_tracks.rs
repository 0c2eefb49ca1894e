//! One list has room for all paths.
// error: the second tracks (line 8)
mod pool {
    pub fn start() {}
    pub fn restart() {}
}

#[rejoin::must_join(tracks(pool::start), tracks(pool::restart))]
async fn work() {
    pool::start();
    pool::restart();
}

fn main() {
    drop(work());
}
