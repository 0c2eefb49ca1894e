//! An error on the way to the join.
// leak: the compaction (line 10); exit: the `?` (line 11)
use std::fs;
use std::io;

fn compact() {}

#[rejoin::must_join]
fn close(path: &str) -> io::Result<()> {
    let compaction = std::thread::spawn(compact);
    fs::remove_file(path)?;
    compaction.join().expect("the compaction panicked");
    Ok(())
}

fn main() {
    if false {
        close("lock").unwrap();
    }
}
