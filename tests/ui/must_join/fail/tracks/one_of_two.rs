//! Several paths in one list.
// leak: the writer (line 18); exit: the end of the function (line 21)
mod pool {
    use tokio::task::JoinHandle;

    pub fn reader() -> JoinHandle<()> {
        tokio::spawn(async {})
    }

    pub fn writer() -> JoinHandle<()> {
        tokio::spawn(async {})
    }
}

#[rejoin::must_join(tracks(pool::reader, pool::writer))]
async fn run() {
    let reader = pool::reader();
    let writer = pool::writer();
    reader.await.unwrap();
    writer.abort();
}

fn main() {
    drop(run());
}
