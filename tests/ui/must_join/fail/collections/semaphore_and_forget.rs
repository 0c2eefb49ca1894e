//! The permits are counted, the tasks are not.
// leak: the uploads (line 15); exit: the end of the function (line 22)
use std::sync::Arc;

use tokio::sync::Semaphore;

async fn upload(_: u32) {}

#[rejoin::must_join]
async fn upload_all(files: Vec<u32>) {
    let permits = Arc::new(Semaphore::new(4));
    let mut uploads = Vec::new();
    for file in files {
        let permit = Arc::clone(&permits).acquire_owned().await.unwrap();
        uploads.push(tokio::spawn(async move {
            upload(file).await;
            drop(permit);
        }));
    }
    let _all = permits.acquire_many(4).await.unwrap();
    println!("{} uploads", uploads.len());
}

fn main() {
    drop(upload_all(Vec::new()));
}
