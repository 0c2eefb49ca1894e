//! A condition can leave, too.
// leak: the pump (line 13); exit: the `?` in the condition (line 14)
use std::io;

async fn pump() {}

async fn is_leader() -> io::Result<bool> {
    Ok(true)
}

#[rejoin::must_join]
async fn lead() -> io::Result<()> {
    let pump = tokio::spawn(pump());
    if is_leader().await? {
        println!("leading");
    }
    pump.await?;
    Ok(())
}

fn main() {
    drop(lead());
}
