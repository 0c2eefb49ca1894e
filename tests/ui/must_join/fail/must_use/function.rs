//! Whoever calls a function that returns a handle is told to use it, also where he has no attribute himself.
// error: the call (line 13)
#![deny(unused_must_use)]

use tokio::task::JoinHandle;

#[rejoin::must_join]
fn start() -> JoinHandle<()> {
    tokio::spawn(async {})
}

fn main() {
    start();
}
