//! Under a name that the module imports.
// leak: the compaction (line 10); exit: the `let _` (line 11)
#[rejoin::must_join]
mod store {
    use std::thread;

    fn compact() {}

    pub fn close() {
        let compaction = thread::spawn(compact);
        let _ = compaction;
    }
}

fn main() {
    store::close();
}
