#[rejoin::guarded(on_panic = "abort after 5 in 60s")]
async fn name() -> String {
    String::new()
}

fn main() {
    drop(name());
}
