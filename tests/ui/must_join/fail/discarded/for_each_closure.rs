//! A closure that spawns and returns nothing.
// leak: the fetch (line 8); exit: the spawn itself
async fn fetch(_: String) {}

#[rejoin::must_join]
fn prefetch(urls: Vec<String>) {
    urls.into_iter().for_each(|url| {
        tokio::spawn(fetch(url));
    });
}

fn main() {
    prefetch(Vec::new());
}
