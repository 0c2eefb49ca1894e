//! `let Ok … else` leaves with the handle in hand.
// leak: the query (line 11); exit: the `return` of the `else` (line 13)
use std::time::Duration;

async fn query() -> u32 {
    1
}

#[rejoin::must_join]
async fn ask() -> Option<u32> {
    let mut query = tokio::spawn(query());
    let Ok(answer) = tokio::time::timeout(Duration::from_secs(1), &mut query).await else {
        return None;
    };
    answer.ok()
}

fn main() {
    drop(ask());
}
