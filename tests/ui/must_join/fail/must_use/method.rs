//! And for the methods of an impl.
// error: the call (line 17)
#![deny(unused_must_use)]

use tokio::task::JoinHandle;

struct Jobs;

#[rejoin::must_join]
impl Jobs {
    fn start(&self) -> JoinHandle<()> {
        tokio::spawn(async {})
    }
}

fn main() {
    Jobs.start();
}
