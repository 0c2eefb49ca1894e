//! A thread that nobody joins ends with the process, in the middle of what it does.
// leak: the compaction (line 7); exit: the spawn itself
fn compact() {}

#[rejoin::must_join]
fn close() {
    std::thread::spawn(compact);
}

fn main() {
    close();
}
