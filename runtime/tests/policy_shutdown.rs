//! The policy `shutdown`: a task of the root that panics asks the process to shut down. Each case is a process of its own,
//! since a process is asked once.

mod child;

use std::future::Future;
use std::task::Poll;

use child::{is_child, run};
use rejoin::{PanicError, PanicPolicy, TaskGroup, set_panic_policy, shutdown_requested};

/// Runs a case in a process of its own, under the policy.
fn case(name: &str, body: impl Future<Output = ()>) {
    if is_child() {
        set_panic_policy(PanicPolicy::shutdown());
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        runtime.unwrap().block_on(body);
    } else {
        run(name, &[]).succeeded();
    }
}

async fn is_requested() -> bool {
    let mut requested = std::pin::pin!(shutdown_requested());
    std::future::poll_fn(|cx| Poll::Ready(requested.as_mut().poll(cx).is_ready())).await
}

#[test]
fn a_worker_of_the_root_that_panics_requests_shutdown() {
    case(
        "a_worker_of_the_root_that_panics_requests_shutdown",
        async {
            drop(rejoin::spawn(async { panic!("the worker") }));
            shutdown_requested().await;
        },
    );
}

#[test]
fn also_one_whose_handle_is_held() {
    case("also_one_whose_handle_is_held", async {
        let worker = rejoin::spawn(async { panic!("the worker") });
        assert!(worker.await.unwrap_err().is_panic());
        assert!(is_requested().await);
    });
}

#[test]
fn also_one_that_blocks() {
    case("also_one_that_blocks", async {
        let worker = rejoin::spawn_blocking(|| panic!("the worker"));
        assert!(worker.await.unwrap_err().is_panic());
        assert!(is_requested().await);
    });
}

#[rejoin::guarded]
async fn guarded() {
    panic!("in a handler")
}

#[test]
fn what_is_recovered_from_does_not() {
    case("what_is_recovered_from_does_not", async {
        rejoin::spawn(guarded()).await.unwrap();
        assert!(rejoin::catch(async { panic!("caught") }).await.is_err());
        assert!(!is_requested().await);
    });
}

#[test]
fn a_task_of_a_group_does_not() {
    case("a_task_of_a_group_does_not", async {
        let group = TaskGroup::<PanicError>::new();
        group.launch(async { panic!("in a group") });
        assert!(group.join().await.is_err());
        assert!(!is_requested().await);
    });
}

#[test]
fn a_task_that_nobody_annotated_does_not() {
    case("a_task_that_nobody_annotated_does_not", async {
        assert!(tokio::spawn(async { panic!("raw") }).await.is_err());
        rejoin::flush_reports();
        assert!(!is_requested().await);
    });
}

#[test]
fn a_deliberate_abort_does_not() {
    case("a_deliberate_abort_does_not", async {
        let task = rejoin::spawn(async { rejoin::abort_handler() });
        assert!(task.await.unwrap_err().is_panic());
        assert!(!is_requested().await);
    });
}

#[test]
fn the_default_does_not() {
    case("the_default_does_not", async {
        set_panic_policy(PanicPolicy::default());
        assert!(rejoin::spawn(async { panic!("recovered") }).await.is_err());
        assert!(!is_requested().await);
    });
}
