//! In the README: a group without macros.
async fn fetch(n: u32) -> io::Result<u32> { Ok(n) }
async fn audit() -> io::Result<()> { Ok(()) }

use rejoin::TaskGroup;
use std::io;

#[tokio::main]
async fn main() -> io::Result<()> {
    let group = TaskGroup::<io::Error>::builder().name("import").limit(4).open();
    let first = group.spawn(fetch(1)); // held
    group.launch(audit());             // discarded: its failure is the group's
    assert_eq!(first.await??, 1);
    group.join().await                 // all have ended, or the first failure
}

#[test]
fn a_group_needs_no_macro() {
    main().unwrap();
}
