//! `if let Ok` without an `else`: the slow case is not thought of.
// leak: the query (line 11); exit: the end of the function (line 15)
use std::time::Duration;

async fn query() -> u32 {
    1
}

#[rejoin::must_join]
async fn ask() {
    let mut query = tokio::spawn(query());
    if let Ok(answer) = tokio::time::timeout(Duration::from_secs(1), &mut query).await {
        println!("{}", answer.unwrap());
    }
}

fn main() {
    drop(ask());
}
