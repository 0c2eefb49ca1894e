//! Letting go on purpose.
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::task::JoinError;

type Log = UnboundedSender<u32>;

async fn audit(log: Log, event: u32) {
    let _ = log.send(event);
}

/// With a reason.
#[rejoin::must_join]
fn log_beside(log: Log, event: u32) {
    let audit = tokio::spawn(audit(log, event));
    rejoin::detach(audit, "the audit log is written beside the answer");
}

/// At once.
#[rejoin::must_join]
fn log_at_once(log: Log, event: u32) {
    rejoin::detach(
        tokio::spawn(audit(log, event)),
        "nobody waits for the audit log",
    );
}

/// Started in the root, which waits for it.
#[rejoin::must_join]
fn log_in_the_root(log: Log, event: u32) {
    rejoin::root().spawn(audit(log, event));
}

/// On the path that cannot wait.
#[rejoin::must_join]
async fn wait_or_let_go(log: Log, hurry: bool) -> Result<(), JoinError> {
    let audit = tokio::spawn(audit(log, 1));
    if hurry {
        rejoin::detach(audit, "the client is gone");
        return Ok(());
    }
    audit.await
}

/// After a timeout that borrows.
#[rejoin::must_join]
async fn for_a_while(log: Log, limit: Duration) -> bool {
    let mut audit = tokio::spawn(audit(log, 1));
    if tokio::time::timeout(limit, &mut audit).await.is_ok() {
        return true;
    }
    rejoin::detach(audit, "it may take as long as it wants");
    false
}

/// In the arm that loses.
#[rejoin::must_join]
async fn or_go_on(log: Log, stop: impl Future<Output = ()>) -> bool {
    let mut audit = tokio::spawn(audit(log, 1));
    tokio::select! {
        ended = &mut audit => ended.is_ok(),
        () = stop => {
            rejoin::detach(audit, "the caller is shutting down");
            false
        }
    }
}

#[tokio::test]
async fn what_was_let_go_runs_on() {
    let (log, mut events) = unbounded_channel();
    log_beside(log.clone(), 1);
    log_at_once(log.clone(), 1);
    log_in_the_root(log.clone(), 1);
    wait_or_let_go(log.clone(), true).await.unwrap();
    wait_or_let_go(log.clone(), false).await.unwrap();
    for_a_while(log.clone(), Duration::from_secs(60)).await;
    or_go_on(log, async {}).await;
    let mut sum = 0;
    while let Some(event) = events.recv().await {
        sum += event;
    }
    assert_eq!(sum, 7);
}
