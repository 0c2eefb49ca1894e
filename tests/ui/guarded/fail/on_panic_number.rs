#[rejoin::guarded(on_panic = "abort after five in 60s")]
async fn work() {}

fn main() {
    drop(work());
}
