//! Nor does an import.
// error: use (line 4)
#[rejoin::must_join]
use std::future::pending;

fn main() {
    drop(pending::<()>());
}
