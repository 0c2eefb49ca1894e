//! The proxy of every tutorial: when one direction ends the other is dropped, and both are bare.
// leak: the upstream and the downstream, each (lines 8 and 9); exit: the handles in the arms (lines 11 and 12)
async fn upstream() {}
async fn downstream() {}

#[rejoin::must_join]
async fn proxy() {
    let up = tokio::spawn(upstream());
    let down = tokio::spawn(downstream());
    tokio::select! {
        _ = up => {}
        _ = down => {}
    }
}

fn main() {
    drop(proxy());
}
