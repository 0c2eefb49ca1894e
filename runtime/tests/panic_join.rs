//! Panics that arrive in a tokio `JoinError`.

use std::panic::resume_unwind;

use rejoin::{PanicError, catch, catch_sync};

const BOOM: u32 = line!() + 3;

fn boom() {
    panic!("guarded, then resumed");
}

#[tokio::test]
async fn a_panic_that_left_a_frame_is_found_again() {
    let task = tokio::spawn(async {
        let guarded = catch(async { boom() }).await;
        guarded.unwrap_or_else(|panic| panic.resume());
    });
    let panic = PanicError::from_join_error(task.await.unwrap_err()).unwrap();
    assert_eq!(panic.message(), "guarded, then resumed");
    assert_eq!(panic.location().unwrap().line(), BOOM);
}

#[tokio::test]
async fn a_panic_of_a_task_that_nobody_guards_is_found_again() {
    let _ = catch_sync(|| "puts the hook in place");
    let tasks: Vec<_> = (0..4)
        .map(|n| {
            tokio::spawn(async move {
                if n % 2 == 0 {
                    panic!("raw")
                } else {
                    panic!("task {n}")
                }
            })
        })
        .collect();
    for (n, task) in tasks.into_iter().enumerate() {
        let panic = PanicError::from_join_error(task.await.unwrap_err()).unwrap();
        assert!(panic.location().is_some(), "{n}: {panic}");
    }
}

#[tokio::test]
async fn a_panic_of_a_blocking_task_is_found_again() {
    let _ = catch_sync(|| "puts the hook in place");
    let task = tokio::task::spawn_blocking(|| panic!("blocking"));
    let panic = PanicError::from_join_error(task.await.unwrap_err()).unwrap();
    assert!(panic.location().is_some());
}

#[tokio::test]
async fn a_cancelled_task_is_no_panic() {
    let task = tokio::spawn(std::future::pending::<()>());
    task.abort();
    let error = PanicError::from_join_error(task.await.unwrap_err()).unwrap_err();
    assert!(error.is_cancelled());
}

#[tokio::test]
async fn a_panic_that_goes_through_two_tasks_keeps_its_record() {
    let outer = tokio::spawn(async {
        let inner = tokio::spawn(async {
            catch_sync(|| panic!("two tasks deep")).unwrap_or_else(|panic| panic.resume())
        });
        let error = inner.await.unwrap_err();
        catch_sync(|| resume_unwind(error.into_panic()))
            .unwrap_or_else(|panic: PanicError| panic.resume())
    });
    let panic = PanicError::from_join_error(outer.await.unwrap_err()).unwrap();
    assert_eq!(panic.message(), "two tasks deep");
    assert!(panic.location().is_some());
}
