//! `conc/pool` with results, and `conc/iter`: the value of a task is its handle's.

use std::io;
use std::sync::Arc;

use rejoin::{PanicError, task_group};
use tokio::sync::{Barrier, oneshot};
use tokio_util::sync::CancellationToken;

use super::super::support::{BoxError, Gauge, settle, unwinds};

/// Applies `f` to each item in a task of its own.
#[task_group]
async fn map<T: Send + 'static, R: Send + 'static>(items: Vec<T>, f: fn(T) -> R) -> Vec<R> {
    let mut handles = Vec::with_capacity(items.len());
    for item in items {
        handles.push(tokio::spawn(async move { f(item) }));
    }
    let mut results = Vec::with_capacity(handles.len());
    for handle in handles {
        results.push(
            handle
                .await
                .unwrap_or_else(|error| PanicError::from_join_error(error).unwrap().resume()),
        );
    }
    results
}

#[tokio::test]
async fn nothing_is_called_for_no_items() {
    let results = map(Vec::new(), |(): ()| -> u32 { panic!("never called") }).await;
    assert_eq!(results, <[u32; 0]>::default());
}

#[tokio::test]
async fn a_panic_goes_on_in_whoever_awaits_the_result() {
    let group = map(vec![1], |_| -> u32 { panic!("super bad thing happened") });
    assert_eq!(unwinds(group).await, "super bad thing happened");
}

#[tokio::test]
async fn each_result_is_that_of_its_item() {
    let items = vec![1, 2, 3, 4, 5];
    assert_eq!(map(items.clone(), |i| i + 1).await, [2, 3, 4, 5, 6]);
    assert_eq!(items, [1, 2, 3, 4, 5]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_tasks_have_ten_thousand_results() {
    let items: Vec<u32> = (0..10_000).collect();
    assert_eq!(map(items.clone(), |i| i).await, items);
}

#[task_group]
async fn last_to_first(tasks: usize) -> Result<Vec<usize>, BoxError> {
    let mut handles = Vec::new();
    let mut end_of_last = None;
    for i in 0..tasks {
        let (may_end, wait) = oneshot::channel::<()>();
        let before = end_of_last.replace(may_end);
        handles.push(tokio::spawn(async move {
            let _ = wait.await; // The task after this one has ended, or there is none.
            drop(before);
            i
        }));
    }
    drop(end_of_last);
    let mut results = Vec::new();
    for handle in handles {
        results.push(handle.await?);
    }
    Ok(results)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn results_keep_the_order_in_which_they_were_spawned() {
    let expected: Vec<_> = (0..100).collect();
    assert_eq!(last_to_first(100).await.unwrap(), expected);
}

#[task_group(limit = limit)]
async fn limited(limit: usize, tasks: usize, gauge: &Gauge) -> Result<Vec<usize>, BoxError> {
    let mut handles = Vec::new();
    for i in 0..tasks {
        let gauge = gauge.clone();
        handles.push(tokio::spawn(async move {
            let _place = gauge.enter();
            tokio::task::yield_now().await;
            i
        }));
    }
    let mut results = Vec::new();
    for handle in handles {
        results.push(handle.await?);
    }
    Ok(results)
}

async fn ordered_under(limit: usize) {
    let gauge = Gauge::default();
    let results = limited(limit, 10 * limit, &gauge).await.unwrap();
    assert_eq!(results, (0..10 * limit).collect::<Vec<_>>());
    assert_eq!(gauge.now(), 0);
    assert!(gauge.most() <= limit, "{}", gauge.most());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn results_keep_their_order_under_a_limit_of_one() {
    ordered_under(1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn results_keep_their_order_under_a_limit_of_ten() {
    ordered_under(10).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn results_keep_their_order_under_a_limit_of_a_hundred() {
    ordered_under(100).await;
}

/// All tasks run to their end, and each handle tells how its own has ended.
#[task_group]
async fn outcomes(failing: &[u32]) -> Vec<Result<u32, String>> {
    let mut handles = Vec::new();
    for i in 1..=5 {
        let fails = failing.contains(&i);
        handles.push(tokio::spawn(async move {
            settle().await;
            if fails {
                return Err(io::Error::other(format!("error {i}")));
            }
            Ok(i + 1)
        }));
    }
    let mut outcomes = Vec::new();
    for handle in handles {
        let outcome = handle.await.expect("neither cancelled nor panicked");
        outcomes.push(outcome.map_err(|error| error.to_string()));
    }
    outcomes
}

#[tokio::test]
async fn a_failed_task_has_its_error_in_the_place_of_its_result() {
    assert_eq!(outcomes(&[]).await, [Ok(2), Ok(3), Ok(4), Ok(5), Ok(6)]);
    let error = |i| Err(format!("error {i}"));
    let with_one = [Ok(2), Ok(3), error(3), Ok(5), Ok(6)];
    assert_eq!(outcomes(&[3]).await, with_one);
    let with_two = [Ok(2), Ok(3), error(3), error(4), Ok(6)];
    assert_eq!(outcomes(&[3, 4]).await, with_two);
}

/// None ends before all have begun: with a limit, it would be the deadline that ends them.
#[task_group(deadline = "1m")]
async fn all_at_once(tasks: usize, gauge: &Gauge) -> Result<(), BoxError> {
    let all_run = Arc::new(Barrier::new(tasks));
    for _ in 0..tasks {
        let (gauge, all_run) = (gauge.clone(), Arc::clone(&all_run));
        tokio::spawn(async move {
            let _place = gauge.enter();
            all_run.wait().await;
        });
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_run_at_once_than_there_are_cores() {
    let cores = std::thread::available_parallelism().unwrap().get();
    let gauge = Gauge::default();
    all_at_once(2 * cores, &gauge).await.unwrap();
    assert_eq!(gauge.most(), 2 * cores);
}

#[task_group(token = token)]
async fn held_by_a_cancelled_group(token: CancellationToken) -> bool {
    let handle = tokio::spawn(std::future::pending::<u32>());
    let ended = handle.await;
    ended.is_err_and(|error| error.is_cancelled())
}

#[tokio::test]
async fn the_handle_of_a_cancelled_task_has_no_result() {
    let token = CancellationToken::new();
    let group = tokio::spawn(held_by_a_cancelled_group(token.clone()));
    settle().await;
    token.cancel();
    assert!(group.await.unwrap());
}
