//! Rounds that are skipped.
// leak: the fetch (line 8); exit: the `continue` (line 10)
async fn fetch(_: &'static str) {}

#[rejoin::must_join]
async fn crawl(urls: Vec<&'static str>) {
    for url in urls {
        let fetch = tokio::spawn(fetch(url));
        if url.starts_with("http:") {
            continue;
        }
        fetch.await.unwrap();
    }
}

fn main() {
    drop(crawl(Vec::new()));
}
