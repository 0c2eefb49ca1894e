//! A `const fn` cannot spawn.
// error: const (line 4)
#[rejoin::must_join]
const fn work() {}

fn main() {
    work();
}
