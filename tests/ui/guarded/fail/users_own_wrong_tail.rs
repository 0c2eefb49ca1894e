#[rejoin::guarded]
async fn work() -> Result<u32, std::io::Error> {
    "42"
}

fn main() {
    drop(work());
}
