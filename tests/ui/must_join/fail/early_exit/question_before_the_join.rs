//! An error on the way to the join.
// leak: the warm-up (line 13); exit: the `?` behind the configuration (line 14)
use std::io;

async fn warm_up() {}

async fn configuration() -> io::Result<String> {
    Ok(String::new())
}

#[rejoin::must_join]
async fn start() -> io::Result<String> {
    let warm = tokio::spawn(warm_up());
    let text = configuration().await?;
    warm.await?;
    Ok(text)
}

fn main() {
    drop(start());
}
