//! A handle in an `Option` is a handle.
// leak: the reporter (line 10); exit: the end of the function (line 16)
async fn report() {}
async fn work() {}

#[rejoin::must_join]
async fn run(verbose: bool) {
    let mut reporter = None;
    if verbose {
        reporter = Some(tokio::spawn(report()));
    }
    work().await;
    if reporter.is_some() {
        println!("still reporting");
    }
}

fn main() {
    drop(run(true));
}
