//! The same for a list of handles.
// error: the call (line 13)
#![deny(unused_must_use)]

use tokio::task::JoinHandle;

#[rejoin::must_join]
fn start() -> Vec<JoinHandle<()>> {
    (0..2).map(|_| tokio::spawn(async {})).collect()
}

fn main() {
    start();
}
