//! Taken out by value, and aborted.
// leak: the reporter (line 8); exit: the end of the arm (line 13)
async fn report() {}
async fn work() {}

#[rejoin::must_join]
async fn run(verbose: bool) {
    let reporter = verbose.then(|| tokio::spawn(report()));
    work().await;
    match reporter {
        Some(reporter) => {
            reporter.abort();
        }
        None => println!("quiet"),
    }
}

fn main() {
    drop(run(true));
}
