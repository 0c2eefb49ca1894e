#[rejoin::guarded(or = "zero")]
async fn work() -> u32 {
    1
}

fn main() {
    drop(work());
}
