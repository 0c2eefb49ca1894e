//! A macro that returns an error is known by its name.
// leak: the lease (line 13); exit: the `bail!` (line 15)
macro_rules! bail {
    ($($message:tt)*) => {
        return Err(format!($($message)*))
    };
}

async fn renew() {}

#[rejoin::must_join]
async fn hold(term: u32) -> Result<(), String> {
    let lease = tokio::spawn(renew());
    if term == 0 {
        bail!("term {term} is over");
    }
    lease.await.map_err(|error| error.to_string())
}

fn main() {
    drop(hold(1));
}
