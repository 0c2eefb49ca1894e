//! A `?` in a closure leaves the closure.
// leak: the worker (line 12); exit: the `?` in the closure (line 13)
use std::num::ParseIntError;

use tokio::task::JoinHandle;

async fn worker(_: u32) {}

#[rejoin::must_join]
fn start(name: &str, size: &str) -> Result<(JoinHandle<()>, u32), ParseIntError> {
    let begin = |id: u32| {
        let task = tokio::spawn(worker(id));
        let size = size.parse()?;
        Ok((task, size))
    };
    begin(name.len() as u32)
}

fn main() {
    if false {
        let _ = start("a", "1");
    }
}
