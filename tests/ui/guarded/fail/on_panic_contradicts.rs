#[rejoin::guarded(on_panic = "recover, abort")]
async fn work() {}

fn main() {
    drop(work());
}
