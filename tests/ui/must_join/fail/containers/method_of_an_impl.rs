//! On an `impl` block it means every method.
// leak: the flush (line 17); exit: the spawn itself
struct Store {
    dirty: bool,
}

async fn flush() {}

#[rejoin::must_join]
impl Store {
    fn is_dirty(&self) -> bool {
        self.dirty
    }

    async fn touch(&mut self) {
        self.dirty = true;
        tokio::spawn(flush());
    }
}

fn main() {
    let mut store = Store { dirty: false };
    assert!(!store.is_dirty());
    drop(store.touch());
}
