//! A reference keeps the handle, and then it is to be used.
// leak: the drain (line 9); exit: the end of the function (line 16)
use std::time::Duration;

async fn drain() {}

#[rejoin::must_join]
async fn shut_down() {
    let mut drain = tokio::spawn(drain());
    if tokio::time::timeout(Duration::from_secs(5), &mut drain)
        .await
        .is_err()
    {
        eprintln!("the drain took too long");
    }
}

fn main() {
    drop(shut_down());
}
