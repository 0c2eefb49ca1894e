//! Stored would be joined, but the error comes first.
// leak: the poller (line 17); exit: the `?` behind the address (line 19)
use std::net::{AddrParseError, SocketAddr};

use tokio::task::JoinHandle;

async fn poll() {}

struct Client {
    address: SocketAddr,
    poller: JoinHandle<()>,
}

impl Client {
    #[rejoin::must_join]
    fn new(address: &str) -> Result<Self, AddrParseError> {
        let poller = tokio::spawn(poll());
        Ok(Self {
            address: address.parse()?,
            poller,
        })
    }
}

fn main() {
    if false {
        let client = Client::new("127.0.0.1:80").unwrap();
        drop((client.address, client.poller));
    }
}
