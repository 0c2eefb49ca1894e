//! So is one that returns an error unless something holds.
// leak: the lease (line 15); exit: the `ensure!` (line 16)
macro_rules! ensure {
    ($condition:expr, $($message:tt)*) => {
        if !$condition {
            return Err(format!($($message)*));
        }
    };
}

async fn renew() {}

#[rejoin::must_join]
async fn hold(term: u32) -> Result<(), String> {
    let lease = tokio::spawn(renew());
    ensure!(term > 0, "term {term} is over");
    lease.await.map_err(|error| error.to_string())
}

fn main() {
    drop(hold(1));
}
