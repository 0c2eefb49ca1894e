#[rejoin::guarded(on_panic = "ignore")]
async fn work() {}

fn main() {
    drop(work());
}
