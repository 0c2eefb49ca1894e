//! Joined if asked for; otherwise forgotten.
// leak: the indexer (line 7); exit: the end of the function (line 11)
async fn index() {}

#[rejoin::must_join]
async fn import(wait: bool) {
    let indexer = tokio::spawn(index());
    if wait {
        indexer.await.unwrap();
    }
}

fn main() {
    drop(import(true));
}
