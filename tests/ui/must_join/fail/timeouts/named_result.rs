//! The result of the timeout has a name, and its error is only printed.
// leak: the drain (line 9); exit: the end of the function (line 15)
use std::time::Duration;

async fn drain() {}

#[rejoin::must_join]
async fn shut_down() {
    let mut drain = tokio::spawn(drain());
    let drained = tokio::time::timeout(Duration::from_secs(5), &mut drain).await;
    match drained {
        Ok(ended) => ended.unwrap(),
        Err(late) => eprintln!("{late}"),
    }
}

fn main() {
    drop(shut_down());
}
