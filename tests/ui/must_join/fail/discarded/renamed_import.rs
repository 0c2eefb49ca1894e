//! A spawn under another name, brought in where the attribute can see it.
// leak: the ping (line 9); exit: the spawn itself
async fn ping() {}

#[rejoin::must_join]
async fn keep_alive() {
    use tokio::spawn as go;

    go(ping());
}

fn main() {
    drop(keep_alive());
}
