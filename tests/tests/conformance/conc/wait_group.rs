//! `conc.WaitGroup`: panics among tasks that nobody cancels.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rejoin::{Errors, OnFailure, PanicError, TaskGroup, task_group};

use super::super::support::{Narrow, unwinds};
use crate::common::{listen, wait_for_report};

type Count = Arc<AtomicUsize>;

fn one_more(count: &Count) -> impl Future<Output = ()> + Send + use<> {
    let count = Arc::clone(count);
    async move {
        tokio::task::yield_now().await;
        count.fetch_add(1, Ordering::SeqCst);
    }
}

#[task_group]
async fn spawns(many: usize, count: Count) {
    for _ in 0..many {
        tokio::spawn(one_more(&count));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_that_were_spawned_run() {
    let count = Count::default();
    spawns(100, Arc::clone(&count)).await;
    assert_eq!(count.load(Ordering::SeqCst), 100);
}

#[task_group]
async fn panics(texts: &[&'static str]) {
    for &text in texts {
        tokio::spawn(async move { panic!("{text}") });
    }
}

#[tokio::test]
async fn a_panic_goes_on_in_whoever_waits() {
    let group = panics(&["super bad thing"]);
    assert_eq!(unwinds(group).await, "super bad thing");
}

#[tokio::test]
async fn one_of_two_panics_goes_on_and_both_are_reported() {
    listen();
    let group = panics(&["a bad thing of two", "a badder thing"]);
    assert_eq!(unwinds(group).await, "a bad thing of two");
    wait_for_report("a bad thing of two");
    // The second was cancelled by the first, or has panicked as well; without fail-fast it always does.
    let group = uncancelled(&["a bad thing alone", "a badder thing alone"], 0);
    assert_eq!(unwinds(group).await, "a bad thing alone");
    wait_for_report("a bad thing alone");
    wait_for_report("a badder thing alone");
}

#[task_group(on_failure = "collect")]
async fn uncancelled(texts: &[&'static str], others: usize) -> Result<(), Errors<Narrow>> {
    for &text in texts {
        tokio::spawn(async move { panic!("{text}") });
    }
    for _ in 0..others {
        tokio::spawn(async {});
    }
    Ok(())
}

#[tokio::test]
async fn tasks_that_end_well_do_not_hide_a_panic() {
    let group = uncancelled(&["super bad thing"], 10);
    assert_eq!(unwinds(group).await, "super bad thing");
}

#[task_group(on_failure = "collect")]
async fn others_beside_a_panic(count: &Count) -> Result<(), Errors<Narrow>> {
    tokio::spawn(one_more(count));
    tokio::spawn(async { panic!("super bad thing") });
    tokio::spawn(one_more(count));
    Ok(())
}

/// The error type cannot hold a panic, so it goes on unwinding.
#[tokio::test]
async fn siblings_of_a_panicking_task_finish_when_there_is_no_fail_fast() {
    let count = Count::default();
    let group = others_beside_a_panic(&count);
    assert_eq!(unwinds(group).await, "super bad thing");
    assert_eq!(count.load(Ordering::SeqCst), 2);
}

#[task_group]
async fn returns_its_panic(texts: &[&'static str]) -> Result<(), PanicError> {
    for &text in texts {
        tokio::spawn(async move { panic!("{text}") });
    }
    Ok(())
}

#[tokio::test]
async fn a_panic_is_returned_where_the_error_can_hold_it() {
    let panic = returns_its_panic(&["super bad thing"]).await.unwrap_err();
    assert_eq!(panic.message(), "super bad thing");

    let group = TaskGroup::<PanicError>::new();
    group.launch(async { panic!("super bad thing") });
    assert_eq!(group.join().await.unwrap_err().message(), "super bad thing");
}

#[tokio::test]
async fn one_of_two_panics_is_returned() {
    let texts = ["super bad thing", "super badder thing"];
    let panic = returns_its_panic(&texts).await.unwrap_err();
    assert_eq!(panic.message(), texts[0]);
}

#[tokio::test]
async fn siblings_finish_also_where_the_panic_is_returned() {
    let count = Count::default();
    let group = TaskGroup::<PanicError>::builder()
        .on_failure(OnFailure::Collect)
        .open();
    group.launch(one_more(&count));
    group.launch(async { panic!("super bad thing") });
    group.launch(one_more(&count));
    assert_eq!(group.join().await.unwrap_err().message(), "super bad thing");
    assert_eq!(count.load(Ordering::SeqCst), 2);
}
