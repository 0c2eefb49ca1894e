//! An async closure is a function of its own.
// leak: the probe (line 8); exit: the end of the closure (line 10)
async fn probe(_: u32) {}

#[rejoin::must_join]
async fn scan(ports: Vec<u32>) {
    let look = async |port| {
        let probe = tokio::spawn(probe(port));
        println!("{port} by {}", probe.id());
    };
    for port in ports {
        look(port).await;
    }
}

fn main() {
    drop(scan(Vec::new()));
}
