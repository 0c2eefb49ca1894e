//! The type may stand on the other side.
// leak: the fetches (line 9); exit: the `return` (line 12)
async fn fetch(_: String) {}

#[rejoin::must_join]
async fn prefetch(urls: Vec<String>, quick: bool) {
    let fetches = urls
        .into_iter()
        .map(|url| tokio::spawn(fetch(url)))
        .collect::<Vec<_>>();
    if quick {
        return;
    }
    futures::future::join_all(fetches).await;
}

fn main() {
    drop(prefetch(Vec::new(), true));
}
