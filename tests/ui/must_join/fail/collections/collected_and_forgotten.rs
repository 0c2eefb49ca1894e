//! A list that an iterator made.
// leak: the fetches (line 9); exit: the end of the function (line 12)
async fn fetch(_: String) {}

#[rejoin::must_join]
async fn prefetch(urls: Vec<String>) {
    let fetches: Vec<_> = urls
        .into_iter()
        .map(|url| tokio::spawn(fetch(url)))
        .collect();
    println!("{} under way", fetches.len());
}

fn main() {
    drop(prefetch(Vec::new()));
}
