//! Joined at the end, unless the work fails.
// leak: the reporter (line 15); exit: the `?` (line 17)
use std::io;

async fn report() {}

async fn work() -> io::Result<()> {
    Ok(())
}

#[rejoin::must_join]
async fn run(verbose: bool) -> io::Result<()> {
    let mut reporter = None;
    if verbose {
        reporter = Some(tokio::spawn(report()));
    }
    work().await?;
    if let Some(reporter) = reporter {
        reporter.await?;
    }
    Ok(())
}

fn main() {
    drop(run(true));
}
