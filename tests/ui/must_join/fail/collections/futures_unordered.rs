//! A set of futures is a collection of handles as well.
// leak: the fetches (line 11); exit: the end of the function (line 14)
use futures::stream::FuturesUnordered;

async fn fetch(_: u32) {}

#[rejoin::must_join]
async fn start(count: u32) -> bool {
    let fetches = FuturesUnordered::new();
    for id in 0..count {
        fetches.push(tokio::spawn(fetch(id)));
    }
    fetches.is_empty()
}

fn main() {
    drop(start(1));
}
