//! The last round never gets to its join.
// leak: the probe (line 11); exit: the `break` (line 14)
async fn probe(_: u32) -> bool {
    true
}

#[rejoin::must_join]
async fn search(last: u32) {
    let mut round = 0;
    loop {
        let probe = tokio::spawn(probe(round));
        round += 1;
        if round > last {
            break;
        }
        probe.await.unwrap();
    }
}

fn main() {
    drop(search(3));
}
