//! Stopped in a hurry, on one path.
// leak: the lease (line 7); exit: the `return` (line 10)
async fn renew_lease() {}

#[rejoin::must_join]
async fn hold(lost: bool) -> Result<(), &'static str> {
    let lease = tokio::spawn(renew_lease());
    if lost {
        lease.abort();
        return Err("the lease was lost");
    }
    lease.await.map_err(|_| "the renewal panicked")
}

fn main() {
    drop(hold(true));
}
