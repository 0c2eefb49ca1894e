//! The struct that would store the handle never comes into being.
// leak: the poller (line 16); exit: the `?` behind the address (line 19)
use std::net::{AddrParseError, SocketAddr};

use tokio::task::JoinHandle;

async fn poll() {}

struct Client {
    poller: JoinHandle<()>,
    address: SocketAddr,
}

#[rejoin::must_join]
async fn open(address: &str) -> Result<Client, AddrParseError> {
    let poller = tokio::spawn(poll());
    Ok(Client {
        poller,
        address: address.parse()?,
    })
}

fn main() {
    drop(async {
        let client = open("127.0.0.1:80").await.unwrap();
        drop((client.poller, client.address));
    });
}
