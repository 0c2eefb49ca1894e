//! `#[must_join]` does nothing about panics.
// error: on_panic (line 3)
#[rejoin::must_join(on_panic = "recover")]
async fn work() {}

fn main() {
    drop(work());
}
