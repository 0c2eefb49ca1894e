#[rejoin::guarded(on_panic = "abort if unjoined for 30s")]
async fn work() {}

fn main() {
    drop(work());
}
