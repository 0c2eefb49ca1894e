//! When the guard does not hold, the arm below is taken.
// leak: the vote (line 9); exit: the end of the function (line 14)
async fn vote() -> u32 {
    1
}

#[rejoin::must_join]
async fn elect(term: u32) -> u32 {
    let vote = tokio::spawn(vote());
    match term {
        term if term > 7 => vote.await.unwrap(),
        other => other,
    }
}

fn main() {
    drop(elect(1));
}
