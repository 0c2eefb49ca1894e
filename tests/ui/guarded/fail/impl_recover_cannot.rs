//! On an `impl` block recovery is asked for explicitly, and then each function must be able to hold a panic.
struct Store;

#[rejoin::guarded(on_panic = "recover")]
impl Store {
    fn len(&self) -> usize {
        0
    }

    fn flush(&self) {}
}

fn main() {
    Store.len();
    Store.flush();
}
