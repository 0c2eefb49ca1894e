//! Kept in an `Option`, and never taken out.
// leak: the upload (line 11); exit: the end of the function (line 16)
async fn upload() -> Result<(), std::fmt::Error> {
    Ok(())
}

#[rejoin::must_join]
#[rejoin::task_group]
async fn run(remote: bool) {
    let upload = if remote {
        Some(tokio::spawn(upload()))
    } else {
        None
    };
    println!("{}", upload.is_some());
}

fn main() {
    drop(run(true));
}
