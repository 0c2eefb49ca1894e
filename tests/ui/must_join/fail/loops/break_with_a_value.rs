//! A `break` with a value is a `break`.
// leak: the attempt (line 11); exit: the `break` (line 14)
async fn attempt(_: u32) -> bool {
    true
}

#[rejoin::must_join]
async fn retry() -> u32 {
    let mut tries = 0;
    loop {
        let attempt = tokio::spawn(attempt(tries));
        tries += 1;
        if tries == 5 {
            break tries;
        }
        if attempt.await.unwrap() {
            break tries;
        }
    }
}

fn main() {
    drop(retry());
}
