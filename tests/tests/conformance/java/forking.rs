//! Forking: when it is refused, and who may.

use std::sync::Arc;

use rejoin::{CancelCause, task_group};
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use super::super::support::Gauge;
use super::{DAY, Scope, hold};

#[tokio::test]
async fn a_fork_after_a_cancel_never_runs_and_the_join_ends() {
    let scope = Scope::new();
    let first = scope.spawn(async { "foo" });
    assert_eq!(first.await.unwrap(), "foo");
    scope.cancel();

    let forked = Gauge::default();
    let (held, left) = (forked.enter(), forked.enter());
    let second = scope.spawn(async move {
        let _held = held;
        unreachable!("it runs in a cancelled scope")
    });
    scope.launch(async move {
        let _left = left;
        unreachable!("it runs in a cancelled scope");
    });
    assert_eq!(forked.now(), 0, "thrown away at once");
    assert!(scope.try_spawn(async {}).is_err());
    scope.join().await.unwrap();
    let second: Result<(), _> = second.await;
    assert!(second.unwrap_err().is_cancelled());
}

#[task_group(token = token.clone())]
async fn forks_after_its_cancel(token: CancellationToken) -> bool {
    token.cancel();
    rejoin::cancelled().await;
    tokio::spawn(async { unreachable!("left to the group, in a cancelled one") });
    let late = tokio::spawn(async { unreachable!("held, in a cancelled group") });
    let late: Result<(), _> = late.await;
    late.unwrap_err().is_cancelled()
}

#[tokio::test]
async fn a_fork_of_a_function_after_its_cancel_never_runs() {
    assert!(forks_after_its_cancel(CancellationToken::new()).await);
}

#[tokio::test(start_paused = true)]
async fn a_fork_after_the_deadline_never_runs() {
    let scope = Scope::builder().deadline(DAY).open();
    assert_eq!(scope.cancelled().await, CancelCause::Deadline);
    let forked = Gauge::default();
    let late = scope.spawn(hold(forked.enter()));
    assert_eq!(forked.now(), 0);
    assert!(late.await.unwrap_err().is_cancelled());
    let error = scope.join().await.unwrap_err();
    assert!(error.is::<rejoin::DeadlineExceeded>(), "{error}");
}

#[tokio::test]
async fn another_thread_and_a_task_of_the_scope_may_fork_too() {
    let scope = Arc::new(Scope::new());
    let forked = Gauge::default();
    let fork = {
        let (scope, forked) = (Arc::clone(&scope), forked.clone());
        move || {
            let place = forked.enter();
            scope.launch(async move {
                tokio::task::yield_now().await;
                drop(place);
            });
        }
    };
    let runtime = Handle::current();
    std::thread::scope(|threads| {
        threads.spawn(|| {
            let _entered = runtime.enter();
            fork();
        });
    });
    scope.spawn(async move { fork() }).await.unwrap();
    assert_eq!(forked.now(), 2, "they run on by themselves");
    let scope = Arc::into_inner(scope).expect("a fork keeps nothing");
    scope.join().await.unwrap();
    assert_eq!((forked.all(), forked.now()), (2, 0));
}
