//! A type starts nothing.
// error: struct (line 4)
#[rejoin::must_join]
struct Work;

fn main() {
    let _ = Work;
}
