//! The first failure cancels the siblings and the body, and is what the function returns (G4).

mod common;

use std::future::pending;
use std::sync::{Arc, Barrier, mpsc};
use std::time::Duration;

use common::elsewhere;
use common::log::Log;
use common::{
    Error, Gauge, GroupId, Narrow, OnDrop, Options, group, launch, launch_in, panic_of, panics,
};
use futures::FutureExt as _;
use rejoin::TaskGroup;
use tokio::sync::oneshot;

static FUNCTION: GroupId = GroupId::new("failing");

type Outcome = Result<(), Error>;

#[tokio::test]
async fn the_first_failure_cancels_the_siblings_and_drops_the_body() {
    let gauge = Gauge::default();
    let counted = gauge.clone();
    let outcome = group!(FUNCTION -> Outcome, async move {
        let _body = counted.enter();
        for _ in 0..5 {
            let alive = counted.enter();
            launch!(async move {
                let _alive = alive;
                pending::<()>().await;
            });
        }
        launch_in!(FUNCTION, async { Err::<(), _>("first") });
        pending().await
    })
    .await;
    assert_eq!(outcome, Err(Error::Text("first")));
    assert_eq!((gauge.all(), gauge.now()), (6, 0), "all joined");
}

#[tokio::test]
async fn it_returns_only_when_everyone_has_been_joined() {
    let (release, released) = mpsc::channel::<()>();
    let (started, running) = oneshot::channel();
    let mut group = Box::pin(group!(FUNCTION -> Outcome, async move {
        common::launch_blocking!("slow", move || {
            started.send(()).unwrap();
            let _ = released.recv();
        });
        running.await.unwrap();
        Err(Error::Text("body"))
    }));
    tokio::select! {
        biased;
        outcome = &mut group => panic!("left a task behind: {outcome:?}"),
        () = common::settle_for(Duration::from_millis(20)) => {}
    }
    drop(release);
    assert_eq!(group.await, Err(Error::Text("body")));
}

#[tokio::test]
async fn the_bodys_own_error_cancels_the_tasks() {
    let outcome = group!(FUNCTION -> Result<(), Narrow>, async {
        launch!(pending::<()>());
        Err(Narrow("body"))
    })
    .await;
    assert_eq!(outcome, Err(Narrow("body")));
}

#[tokio::test]
async fn the_bodys_own_panic_cancels_the_tasks() {
    let outcome = group!(FUNCTION -> Outcome, async {
        launch!(pending::<()>());
        panic!("body")
    });
    assert_eq!(outcome.await, Err(Error::Panic("body".into())));
    let unwinds = group!(FUNCTION -> Result<(), Narrow>, async {
        launch!(pending::<()>());
        panic!("body")
    });
    assert_eq!(panic_of(unwinds).await, "body");
}

#[tokio::test]
async fn a_panic_resumes_only_after_everyone_has_been_joined() {
    let gauge = Gauge::default();
    let alive = gauge.enter();
    let group = group!(FUNCTION, async move {
        launch!(async move {
            let _alive = alive;
            pending::<()>().await;
        });
        launch!(async { std::panic::panic_any(Box::new(7_u64)) });
        pending::<()>().await;
    });
    let payload = std::panic::AssertUnwindSafe(group).catch_unwind().await;
    assert_eq!(gauge.now(), 0);
    let payload = payload.unwrap_err().downcast::<Box<u64>>().unwrap();
    assert_eq!(**payload, 7, "the payload unchanged");
}

#[tokio::test]
async fn a_resumed_panic_is_not_reported_again() {
    let (log, _guard) = Log::here();
    let outer = group!(FUNCTION -> Outcome, async {
        group!(FUNCTION, async { launch!(async { panic!("once") }) }).await;
        Ok(())
    });
    assert_eq!(outer.await, Err(Error::Panic("once".into())));
    assert_eq!(log.lines(), ["panic: once"]);
}

#[tokio::test]
async fn failures_after_the_first_are_reported() {
    let (log, _guard) = Log::here();
    let options = Options::new().grace(Duration::from_secs(3600));
    let outcome = group!(FUNCTION -> Outcome, options, async {
        for text in ["second", "third"] {
            launch_in!(FUNCTION, async move {
                rejoin::cancelled().await;
                Err::<(), _>(text)
            });
        }
        launch_in!(FUNCTION, async { Err::<(), _>("first") });
        Ok(())
    })
    .await;
    assert_eq!(outcome, Err(Error::Text("first")));
    assert_eq!(log.lines(), ["error: second", "error: third"]);
}

#[tokio::test]
async fn the_bodys_error_is_reported_when_it_loses() {
    let (log, _guard) = Log::here();
    let (fail, failed) = oneshot::channel::<()>();
    // The body ends with an error in the same poll in which its task has panicked: a panic goes before an error.
    let outcome = group!(FUNCTION -> Result<(), LoudNarrow>, async move {
        launch!(async move {
            let _symptom = fail;
            panic!("cause")
        });
        let _ = failed.await;
        Err(LoudNarrow("symptom"))
    });
    assert_eq!(panic_of(outcome).await, "cause");
    let lines = log.lines();
    assert_eq!(lines[0], "panic: cause");
    // Depending on who is polled first the body was dropped before it could fail.
    assert!(
        lines.len() == 1 || lines[1] == "error: symptom",
        "{lines:?}"
    );
}

#[derive(Debug)]
struct LoudNarrow(&'static str);

impl std::fmt::Display for LoudNarrow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

/// Two tasks that are polled at the same time: `first` has failed for certain before `second` fails.
async fn in_this_order(
    first: impl FnOnce() -> Result<(), &'static str> + Send + 'static,
    second: impl FnOnce() -> Result<(), &'static str> + Send + 'static,
) -> Outcome {
    let both = Arc::new(Barrier::new(2));
    let body = async move {
        let (other, runs) = (Arc::clone(&both), both);
        launch_in!(FUNCTION, async move {
            other.wait();
            first()
        });
        launch_in!(FUNCTION, async move {
            runs.wait();
            // Its failure has been recorded when the group is cancelled.
            while !rejoin::is_cancelled() {
                std::thread::yield_now();
            }
            second()
        });
        pending().await
    };
    tokio::spawn(group!(FUNCTION -> Outcome, body))
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn of_concurrent_errors_the_first_recorded_wins() {
    let outcome = in_this_order(|| Err("first"), || Err("second")).await;
    assert_eq!(outcome, Err(Error::Text("first")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn of_concurrent_failures_a_panic_goes_before_an_error() {
    let outcome = in_this_order(|| Err("error"), || panic!("panic")).await;
    assert_eq!(outcome, Err(Error::Panic("panic".into())));
    let outcome = in_this_order(|| panic!("panic"), || Err("error")).await;
    assert_eq!(outcome, Err(Error::Panic("panic".into())));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn of_concurrent_panics_the_first_recorded_wins() {
    let outcome = in_this_order(|| panic!("first"), || panic!("second")).await;
    assert_eq!(outcome, Err(Error::Panic("first".into())));
}

#[tokio::test]
async fn a_failure_that_the_cancellation_caused_never_hides_its_cause() {
    let options = Options::new().grace(Duration::from_secs(3600));
    let body = async {
        launch!(async {
            rejoin::cancelled().await;
            panic!("a panic, but late")
        });
        // It waits by now: a poll that began before the first failure would count as concurrent with it.
        common::settle().await;
        launch_in!(FUNCTION, async { Err::<(), _>("the cause") });
        pending().await
    };
    let outcome = tokio::spawn(group!(FUNCTION -> Outcome, options, body)).await;
    assert_eq!(outcome.unwrap(), Err(Error::Text("the cause")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_child_goes_before_the_body_that_saw_its_symptom() {
    // The dying child's local drops first; the child's edge records the panic only when the body has failed of it.
    let (symptom, mut seen) = tokio::sync::mpsc::channel::<u8>(1);
    let (body_is_over, is_over) = mpsc::channel::<()>();
    let body = async move {
        let mut symptom = Some(symptom);
        launch!(async move {
            let _local = OnDrop(move || {
                elsewhere(symptom.take());
                while is_over.recv().is_ok() {}
            });
            panic!("the cause")
        });
        let _body_is_over = body_is_over;
        let _ = seen.recv().await;
        Err(Error::Text("the symptom"))
    };
    let outcome = tokio::spawn(group!(FUNCTION -> Outcome, body)).await;
    assert_eq!(outcome.unwrap(), Err(Error::Panic("the cause".into())));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_childs_error_goes_before_the_bodys_even_when_recorded_second() {
    let (symptom, seen) = oneshot::channel::<()>();
    let (recorded, is_recorded) = mpsc::channel::<()>();
    let body = async move {
        launch_in!(FUNCTION, async move {
            elsewhere(symptom);
            while is_recorded.recv().is_ok() {}
            while !rejoin::is_cancelled() {
                std::thread::yield_now();
            }
            Err::<(), _>("child")
        });
        let _recorded = recorded;
        let _ = seen.await;
        Err(Error::Text("body"))
    };
    let outcome = tokio::spawn(group!(FUNCTION -> Outcome, body)).await;
    assert_eq!(outcome.unwrap(), Err(Error::Text("child")));
}

#[tokio::test]
async fn the_explicit_group_fails_fast_too() {
    let gauge = Gauge::default();
    let group = TaskGroup::<std::io::Error>::new();
    let alive = gauge.enter();
    group.launch(async move {
        let _alive = alive;
        pending::<()>().await;
    });
    group.launch(panics("first"));
    let cause = group.cancelled().await;
    let rejoin::CancelCause::Failure { task, spawned_at } = cause else {
        panic!("cancelled by {cause}")
    };
    assert_eq!((task, spawned_at.file()), ("task", file!()));
    let error = group.join().await.unwrap_err();
    assert!(error.to_string().contains("first"), "{error}");
    assert_eq!(gauge.now(), 0);
}

#[tokio::test]
async fn a_failing_nested_group_fails_the_group_around_it() {
    static INNER: GroupId = GroupId::new("inner");
    let gauge = Gauge::default();
    let alive = gauge.enter();
    let outcome = group!(FUNCTION -> Outcome, async move {
        launch!(async move {
            let _alive = alive;
            pending::<()>().await;
        });
        group!(INNER -> Result<(), &'static str>, async {
            launch_in!(INNER, async { Err::<(), _>("deep") });
            pending().await
        })
        .await?;
        unreachable!()
    });
    assert_eq!(outcome.await, Err(Error::Text("deep")));
    assert_eq!(gauge.now(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_failure_in_a_group_that_is_cancelled_already_still_stops_the_body_at_once() {
    // Cancelled from outside, the body of a function without a word for that runs on; a failure it must return at once.
    let token = tokio_util::sync::CancellationToken::new();
    let options = Options::new()
        .token(token.clone())
        .grace(Duration::from_secs(3600));
    let (dropped, is_dropped) = oneshot::channel();
    let mut dropped = Some(dropped);
    let group = group!(FUNCTION -> Result<(), Narrow>, options, async move {
        let _body = OnDrop(move || dropped.take().unwrap().send(()).unwrap());
        launch!(pending::<()>());
        launch_in!(FUNCTION, async {
            rejoin::cancelled().await;
            common::settle().await;
            Err::<(), _>("late")
        });
        pending().await
    });
    let group = tokio::spawn(group);
    common::settle().await;
    let before = tokio::time::Instant::now();
    token.cancel();
    is_dropped.await.unwrap();
    assert_eq!(
        before.elapsed(),
        Duration::ZERO,
        "the body is gone before the grace is over"
    );
    assert_eq!(group.await.unwrap(), Err(Narrow("late")));
}
