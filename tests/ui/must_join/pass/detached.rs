//! Letting go on purpose.
use std::time::Duration;

use tokio::task::JoinError;

async fn audit(_: u32) {}

/// With a reason.
#[rejoin::must_join]
fn log(event: u32) {
    let audit = tokio::spawn(audit(event));
    rejoin::detach(audit, "the audit log is written beside the answer");
}

/// At once.
#[rejoin::must_join]
fn log_at_once(event: u32) {
    rejoin::detach(tokio::spawn(audit(event)), "nobody waits for the audit log");
}

/// Started in the root, which waits for it.
#[rejoin::must_join]
fn log_in_the_root(event: u32) {
    rejoin::root().spawn(audit(event));
}

/// On the path that cannot wait.
#[rejoin::must_join]
async fn wait_or_let_go(hurry: bool) -> Result<(), JoinError> {
    let audit = tokio::spawn(audit(1));
    if hurry {
        rejoin::detach(audit, "the client is gone");
        return Ok(());
    }
    audit.await
}

/// After a timeout that borrows.
#[rejoin::must_join]
async fn for_a_while(limit: Duration) -> bool {
    let mut audit = tokio::spawn(audit(1));
    if tokio::time::timeout(limit, &mut audit).await.is_ok() {
        return true;
    }
    rejoin::detach(audit, "it may take as long as it wants");
    false
}

/// In the arm that loses.
#[rejoin::must_join]
async fn or_go_on(stop: impl Future<Output = ()>) -> bool {
    let mut audit = tokio::spawn(audit(1));
    tokio::select! {
        ended = &mut audit => ended.is_ok(),
        () = stop => {
            rejoin::detach(audit, "the caller is shutting down");
            false
        }
    }
}

#[tokio::test]
async fn the_root_has_them() {
    log(1);
    log_at_once(2);
    log_in_the_root(3);
    wait_or_let_go(true).await.unwrap();
    wait_or_let_go(false).await.unwrap();
    for_a_while(Duration::from_secs(60)).await;
    or_go_on(async {}).await;
    assert!(
        rejoin::root()
            .join(Duration::from_secs(60))
            .await
            .is_empty()
    );
}
