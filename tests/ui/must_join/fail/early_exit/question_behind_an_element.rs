//! Nor does the tuple.
// leak: the poller (line 11); exit: the `?` behind the address (line 12)
use std::net::{AddrParseError, SocketAddr};

use tokio::task::JoinHandle;

async fn poll() {}

#[rejoin::must_join]
async fn open(address: &str) -> Result<(JoinHandle<()>, SocketAddr), AddrParseError> {
    let poller = tokio::spawn(poll());
    Ok((poller, address.parse()?))
}

fn main() {
    drop(open(""));
}
