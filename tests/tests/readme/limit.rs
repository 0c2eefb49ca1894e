//! In the README: many items, a few at a time.
use rejoin::DeadlineExceeded;
use std::io;

async fn shrink(_: usize) -> io::Result<()> { Ok(()) }

#[derive(Debug)]
struct Failure;

impl From<io::Error> for Failure {
    fn from(_: io::Error) -> Self { Failure }
}
impl From<DeadlineExceeded> for Failure {
    fn from(_: DeadlineExceeded) -> Self { Failure }
}

#[rejoin::task_group(limit = 8, deadline = "30s")]
async fn shrink_all(pictures: Vec<usize>) -> Result<(), Failure> {
    for picture in pictures {
        tokio::spawn(shrink(picture));
    }
    Ok(())
}

#[tokio::test]
async fn all_pictures_are_shrunk() {
    shrink_all((0..100).collect()).await.unwrap();
}
