#![deny(warnings)]
#![forbid(unsafe_code)]
use std::time::Duration;

use tokio_util::sync::CancellationToken;

type Failure = Box<dyn std::error::Error + Send + Sync>;

async fn fetch(n: u32) -> Result<u32, std::io::Error> {
    Ok(n)
}

#[rejoin::task_group(limit = 2, deadline = "1m 30s", grace = "250ms", warn_after = "1h", name = "all", on_panic = "unwind")]
async fn all() -> Result<(), Failure> {
    for n in 0..4 {
        tokio::spawn(fetch(n));
    }
    Ok(())
}

#[rejoin::task_group(limit = n, deadline = Duration::from_secs(n as u64), token = stop.clone())]
async fn from_arguments(n: usize, stop: CancellationToken) -> Result<usize, Failure> {
    let answer = tokio::spawn(async move { n }).await?;
    Ok(answer)
}

#[rejoin::task_group(on_failure = "collect")]
async fn collected() -> Result<u32, rejoin::Errors<Failure>> {
    tokio::spawn(fetch(1));
    fetch(2).await?;
    Ok(3)
}

#[rejoin::task_group(on_failure = "isolate")]
async fn isolated() {
    tokio::spawn(fetch(1));
}

#[rejoin::task_group(on_panic = "unwind, abort after 5 in 60s, abort if unjoined for 30s")]
async fn watched() {
    tokio::spawn(async {});
}

#[rejoin::task_group(on_failure = "isolate", on_panic = "shutdown", limit = n)]
async fn shuts_down(n: usize) {
    tokio::spawn(async {});
}

#[rejoin::task_group(on_panic = "recover")]
async fn recovered() -> Result<(), Failure> {
    panic!("caught")
}

#[rejoin::task_group]
async fn never_fails() {
    tokio::spawn(async { Ok::<_, std::convert::Infallible>(1) });
    tokio::spawn(async {
        loop {
            tokio::task::yield_now().await;
            if rejoin::is_cancelled() || true {
                break;
            }
        }
    });
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    all().await.unwrap();
    watched().await;
    shuts_down(1).await;
    assert_eq!(from_arguments(2, CancellationToken::new()).await.unwrap(), 2);
    assert_eq!(collected().await.unwrap(), 3);
    isolated().await;
    assert!(recovered().await.is_err());
    never_fails().await;
}
