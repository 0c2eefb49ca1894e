//! `None` takes the place of a handle.
// leak: the upload (line 7); exit: the assignment (line 9)
async fn upload() {}

#[rejoin::must_join]
async fn sync(cancelled: bool) {
    let mut upload = Some(tokio::spawn(upload()));
    if cancelled {
        upload = None;
    }
    if let Some(upload) = upload {
        upload.await.unwrap();
    }
}

fn main() {
    drop(sync(true));
}
