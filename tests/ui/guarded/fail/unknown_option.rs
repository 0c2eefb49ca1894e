#[rejoin::guarded(on_panik = "recover")]
async fn work() {}

fn main() {
    drop(work());
}
