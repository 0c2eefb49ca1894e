//! `rejoin::spawn` gives the same handle, to be joined as well.
// leak: the index (line 7); exit: the spawn itself
async fn reindex() {}

#[rejoin::must_join]
async fn import() {
    rejoin::spawn(reindex());
}

fn main() {
    drop(import());
}
