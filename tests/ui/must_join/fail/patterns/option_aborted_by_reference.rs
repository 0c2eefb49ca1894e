//! Taken out by reference, and aborted.
// leak: the reporter (line 9); exit: the end of the function (line 17)
async fn report() {}
async fn work() {}

#[rejoin::must_join]
async fn run(verbose: bool) {
    let reporter = if verbose {
        Some(tokio::spawn(report()))
    } else {
        None
    };
    work().await;
    if let Some(reporter) = &reporter {
        reporter.abort();
    }
}

fn main() {
    drop(run(true));
}
