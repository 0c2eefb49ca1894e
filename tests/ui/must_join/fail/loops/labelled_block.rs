//! A labelled block has a way out as well.
// leak: the lock (line 8); exit: the `break 'held` (line 10)
async fn renew() {}

#[rejoin::must_join]
async fn critical(skip: bool) -> u32 {
    'held: {
        let renew = tokio::spawn(renew());
        if skip {
            break 'held 0;
        }
        renew.await.unwrap();
        1
    }
}

fn main() {
    drop(critical(true));
}
