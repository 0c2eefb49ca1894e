//! A block in `join!` is read like any other.
// leak: the notice (line 10); exit: the spawn itself
async fn notify() {}
async fn store() {}

#[rejoin::must_join]
async fn save() {
    tokio::join!(
        async {
            tokio::spawn(notify());
        },
        store(),
    );
}

fn main() {
    drop(save());
}
