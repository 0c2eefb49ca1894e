#[rejoin::guarded(on_panic = "unwind", or = 0)]
async fn work() -> u32 {
    1
}

fn main() {
    drop(work());
}
