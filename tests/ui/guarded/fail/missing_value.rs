#[rejoin::guarded(name)]
async fn work() {}

fn main() {
    drop(work());
}
