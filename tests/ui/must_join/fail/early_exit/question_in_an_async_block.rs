//! A `?` in an async block leaves the block, and there its handles stay behind.
// leak: the upload (line 14); exit: the `?` in the block (line 15)
use std::io;

async fn upload() {}

async fn check() -> io::Result<()> {
    Ok(())
}

#[rejoin::must_join]
async fn publish() -> io::Result<()> {
    let attempt = async {
        let upload = tokio::spawn(upload());
        check().await?;
        upload.await?;
        Ok(())
    };
    attempt.await
}

fn main() {
    drop(publish());
}
