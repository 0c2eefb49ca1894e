//! A module in another file is out of sight.
// error: mod (line 4)
#[rejoin::must_join]
mod elsewhere;

fn main() {}
