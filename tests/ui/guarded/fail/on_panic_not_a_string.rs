#[rejoin::guarded(on_panic = recover)]
async fn work() {}

fn main() {
    drop(work());
}
