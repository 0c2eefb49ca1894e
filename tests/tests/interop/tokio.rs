//! `tokio::main` and `tokio::test`: above them we see the `async fn`, below them a plain one.

use super::{Failure, is_tracked};
use tokio::sync::oneshot;

#[rejoin::guarded]
#[tokio::main(flavor = "current_thread")]
async fn guarded_above_main(x: u8) -> Result<u8, Failure> {
    let (alive, rx) = oneshot::channel::<()>();
    tokio::spawn(async { rx.await.ok() });
    assert!(is_tracked("guarded_above_main"));
    assert!(x > 0, "zero");
    drop(alive);
    Ok(tokio::spawn(async move { x }).await?)
}

#[tokio::main(flavor = "current_thread")]
#[rejoin::guarded]
async fn guarded_below_main(x: u8) -> Result<u8, Failure> {
    let (alive, rx) = oneshot::channel::<()>();
    tokio::spawn(async { rx.await.ok() });
    assert!(is_tracked("guarded_below_main"));
    assert!(x > 0, "zero");
    drop(alive);
    Ok(tokio::spawn(async move { x }).await?)
}

#[rejoin::task_group]
#[tokio::main]
async fn grouped_above_main(x: u8) -> Result<u8, Failure> {
    tokio::spawn(std::future::ready(()));
    assert!(x > 0, "zero");
    Ok(tokio::spawn(async move { x }).await?)
}

#[test]
fn main_in_both_orders() {
    assert_eq!(guarded_above_main(1).unwrap(), 1);
    assert_eq!(guarded_below_main(2).unwrap(), 2);
    assert_eq!(grouped_above_main(3).unwrap(), 3);
}

#[test]
fn main_recovers_in_both_orders() {
    assert_eq!(guarded_above_main(0).unwrap_err().0, "zero");
    assert_eq!(guarded_below_main(0).unwrap_err().0, "zero");
    assert_eq!(grouped_above_main(0).unwrap_err().0, "zero");
}

#[rejoin::guarded(on_panic = "unwind")]
#[tokio::test]
async fn guarded_above_test() {
    let (alive, rx) = oneshot::channel::<()>();
    tokio::spawn(async { rx.await.ok() });
    assert!(is_tracked("guarded_above_test"));
    drop(alive);
}

#[tokio::test]
#[rejoin::guarded(on_panic = "unwind")]
async fn guarded_below_test() {
    let (alive, rx) = oneshot::channel::<()>();
    tokio::spawn(async { rx.await.ok() });
    assert!(is_tracked("guarded_below_test"));
    drop(alive);
}

#[rejoin::task_group]
#[tokio::test(flavor = "multi_thread")]
async fn grouped_above_test() -> Result<(), Failure> {
    tokio::spawn(std::future::ready(()));
    tokio::spawn(async {}).await?;
    Ok(())
}

#[rejoin::guarded(on_panic = "unwind")]
#[tokio::test]
#[should_panic(expected = "stays red")]
async fn a_test_that_unwinds_stays_red_above() {
    panic!("stays red");
}

#[tokio::test]
#[should_panic(expected = "stays red")]
#[rejoin::guarded(on_panic = "unwind")]
async fn a_test_that_unwinds_stays_red_below() {
    panic!("stays red");
}

#[rejoin::task_group]
#[tokio::test(start_paused = true)]
#[should_panic(expected = "stays red")]
async fn a_test_without_a_result_stays_red() {
    tokio::spawn(async { panic!("stays red") });
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
}
