//! The user's own mistake is shown at the user's tokens.
#[rejoin::guarded]
async fn work() -> Result<u32, std::io::Error> {
    let answer: u32 = "42";
    Ok(answer)
}

fn main() {
    drop(work());
}
