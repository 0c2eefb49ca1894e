//! Joined when there is time, dropped when there is not.
// leak: the report (line 7); exit: the `drop` (line 9)
async fn report() {}

#[rejoin::must_join]
async fn finish(hurry: bool) {
    let report = tokio::spawn(report());
    if hurry {
        drop(report);
    } else {
        report.await.unwrap();
    }
}

fn main() {
    drop(finish(true));
}
