#[rejoin::guarded(name = "a", on_panic = "unwind", name = "b")]
async fn work() {}

fn main() {
    drop(work());
}
