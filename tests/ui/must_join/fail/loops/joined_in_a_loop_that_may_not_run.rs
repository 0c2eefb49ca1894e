//! An empty list, and the join is never reached.
// leak: the summary (line 7); exit: the end of the function (line 14)
async fn summary() {}

#[rejoin::must_join]
async fn print(pages: Vec<u32>) {
    let summary = tokio::spawn(summary());
    for page in pages {
        if page == 0 {
            summary.await.unwrap();
            break;
        }
    }
}

fn main() {
    drop(print(Vec::new()));
}
