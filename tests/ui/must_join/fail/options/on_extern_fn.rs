//! An `extern` function has no room for it.
// error: extern (line 4)
#[rejoin::must_join]
extern "C" fn work() {}

fn main() {
    work();
}
