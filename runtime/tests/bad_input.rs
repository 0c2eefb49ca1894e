//! What must give a clear error and lose nothing. See also `no_runtime.rs`, `runtimes.rs`, `reports.rs` and `many.rs`.

mod common;

use std::future::pending;
use std::time::Duration;

use common::log::Log;
use common::{
    Bomb, Error, Gauge, GroupId, Narrow, Options, group, launch, launch_in, panic_of, settle, spawn,
};
use futures::poll;
use rejoin::{PanicError, TaskGroup, is_cancelled};
use tokio::sync::oneshot;

static FUNCTION: GroupId = GroupId::new("bad_input");

type Group = TaskGroup<std::io::Error>;

/// A payload that panics when it is dropped, once, and tells of it.
struct Spiteful(Option<std::sync::mpsc::Sender<()>>);

impl Drop for Spiteful {
    fn drop(&mut self) {
        if let Some(sender) = self.0.take() {
            sender.send(()).unwrap();
            panic!("from the payload's destructor");
        }
    }
}

fn spiteful() -> (Spiteful, std::sync::mpsc::Receiver<()>) {
    let (sender, dropped) = std::sync::mpsc::channel();
    (Spiteful(Some(sender)), dropped)
}

#[tokio::test]
async fn a_payload_that_panics_when_dropped_is_contained_when_it_loses() {
    let (payload, dropped) = spiteful();
    let options = Options::new().grace(Duration::from_secs(60));
    let outcome = group!(FUNCTION -> Result<(), Error>, options, async {
        launch!(async {
            rejoin::cancelled().await;
            std::panic::panic_any(payload);
        });
        settle().await;
        Err(Error::Text("first"))
    });
    assert_eq!(outcome.await, Err(Error::Text("first")));
    dropped.recv().expect("dropped, and nothing came of it");
}

#[tokio::test]
async fn a_payload_that_panics_when_dropped_is_contained_when_it_becomes_an_error() {
    let (payload, dropped) = spiteful();
    let group = TaskGroup::<Box<dyn std::error::Error + Send + Sync>>::new();
    group.launch(async {
        std::panic::panic_any(payload);
    });
    let error = group.join().await.unwrap_err();
    assert!(dropped.try_recv().is_err(), "the error has it");
    drop(error);
    dropped.recv().unwrap();
}

#[tokio::test]
async fn a_payload_that_panics_when_dropped_is_contained_in_a_group_that_isolates_or_is_dropped() {
    let (payload, dropped) = spiteful();
    group!(FUNCTION, Options::new().isolate(), async {
        launch!(async { std::panic::panic_any(payload) });
    })
    .await;
    dropped.recv().unwrap();

    let (payload, dropped) = spiteful();
    let group = Group::new();
    group.launch(async {
        std::panic::panic_any(payload);
    });
    settle().await;
    drop(group);
    dropped.recv().unwrap();
}

#[tokio::test]
async fn a_payload_that_panics_when_dropped_resumes_unharmed() {
    let (payload, dropped) = spiteful();
    let group = group!(FUNCTION -> (), async {
        launch!(async { std::panic::panic_any(payload) });
    });
    let caught = rejoin::catch(group).await.unwrap_err();
    let mut payload = caught.into_payload().downcast::<Spiteful>().unwrap();
    assert!(dropped.try_recv().is_err());
    payload.0 = None;
}

#[tokio::test]
async fn an_error_that_panics_when_dropped_takes_nothing_with_it() {
    #[derive(Debug)]
    struct Bad(#[expect(dead_code, reason = "for its destructor")] DebugBomb);
    struct DebugBomb(#[expect(dead_code, reason = "for its destructor")] Bomb);
    impl std::fmt::Debug for DebugBomb {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("Bomb")
        }
    }
    impl From<Bad> for Narrow {
        fn from(bad: Bad) -> Self {
            std::mem::forget(bad);
            Self("bad")
        }
    }
    let gauge = Gauge::default();
    let alive = gauge.enter();
    let options = Options::new().grace(Duration::from_secs(60));
    let outcome = group!(FUNCTION -> Result<(), Narrow>, options, async move {
        launch!(async move {
            let _alive = alive;
            pending::<()>().await;
        });
        launch_in!(FUNCTION, async {
            rejoin::cancelled().await;
            Err::<(), _>(Bad(DebugBomb(Bomb("an error's destructor"))))
        });
        settle().await;
        Err(Narrow("first"))
    });
    tokio::time::pause();
    assert_eq!(outcome.await, Err(Narrow("first")));
    assert_eq!(gauge.now(), 0);
}

#[tokio::test]
async fn the_words_of_an_error_that_panic_are_reported_like_any_other_panic() {
    struct Unspeakable;
    impl std::fmt::Debug for Unspeakable {
        fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            panic!("no words")
        }
    }
    impl From<Unspeakable> for Error {
        fn from(_: Unspeakable) -> Self {
            Self::Text("unspeakable")
        }
    }
    let (log, _guard) = Log::here();
    let group = TaskGroup::<Error>::builder()
        .on_failure(rejoin::OnFailure::Isolate)
        .open();
    group.launch(async { Err::<(), _>(Unspeakable) });
    assert_eq!(group.join().await, Ok(()));
    let expected = [
        "panic: no words",
        "error: an error whose description panicked",
    ];
    assert_eq!(log.lines(), expected);
}

#[tokio::test]
async fn destructors_that_panic_in_every_task_that_is_cancelled_lose_nobody() {
    let (log, _guard) = Log::here();
    let gauge = Gauge::default();
    let counted = gauge.clone();
    let outcome = group!(FUNCTION -> Result<(), Error>, async move {
        for _ in 0..10 {
            let alive = counted.enter();
            launch!(async move {
                let _alive = alive;
                let _bomb = Bomb("boom");
                pending::<()>().await;
            });
        }
        settle().await;
        launch_in!(FUNCTION, async { Err::<(), _>("the cause") });
        pending().await
    });
    assert_eq!(outcome.await, Err(Error::Text("the cause")));
    assert_eq!((gauge.all(), gauge.now()), (10, 0));
    assert_eq!(log.lines(), ["panic: boom"; 10]);
}

#[tokio::test]
async fn a_destructor_that_panics_after_its_task_has_panicked_is_reported_too() {
    struct BombFuture(Bomb);
    impl Future for BombFuture {
        type Output = ();
        fn poll(
            self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
        ) -> std::task::Poll<()> {
            let _ = &self.0;
            panic!("in the poll")
        }
    }
    let (log, _guard) = Log::here();
    let outcome = group!(FUNCTION -> Result<(), Error>, async {
        launch!(BombFuture(Bomb("in the drop")));
        pending().await
    });
    assert_eq!(outcome.await, Err(Error::Panic("in the poll".into())));
    assert_eq!(log.lines(), ["panic: in the poll", "panic: in the drop"]);
}

#[tokio::test]
async fn a_body_that_panics_while_children_run_unwinds_after_they_have_ended() {
    let gauge = Gauge::default();
    let counted = gauge.clone();
    let group = group!(FUNCTION -> (), async move {
        for _ in 0..3 {
            let alive = counted.enter();
            launch!(async move {
                let _alive = alive;
                pending::<()>().await;
            });
        }
        settle().await;
        panic!("the body")
    });
    assert_eq!(panic_of(group).await, "the body");
    assert_eq!((gauge.all(), gauge.now()), (3, 0));
}

#[tokio::test]
async fn a_destructor_of_the_body_that_panics_is_a_failure_after_everyone_has_ended() {
    let gauge = Gauge::default();
    let alive = gauge.enter();
    let outcome = group!(FUNCTION -> Result<(), Error>, async move {
        let _bomb = Bomb("a local");
        launch!(async move {
            let _alive = alive;
            pending::<()>().await;
        });
        settle().await;
        Ok(())
    });
    assert_eq!(outcome.await, Err(Error::Panic("a local".into())));
    assert_eq!(gauge.now(), 0);
}

#[tokio::test]
async fn a_destructor_of_a_body_that_is_dropped_for_a_failure_does_not_hide_the_failure() {
    let (log, _guard) = Log::here();
    let outcome = group!(FUNCTION -> Result<(), Error>, async move {
        let _bomb = Bomb("a local");
        launch_in!(FUNCTION, async { Err::<(), _>("the cause") });
        pending().await
    });
    assert_eq!(outcome.await, Err(Error::Text("the cause")));
    assert_eq!(log.lines(), ["panic: a local"]);
}

#[tokio::test]
async fn a_child_that_was_aborted_is_joined_and_no_failure() {
    let gauge = Gauge::default();
    let alive = gauge.enter();
    let outcome = group!(FUNCTION -> Result<u8, Error>, async move {
        let child = spawn!("aborted", async move {
            let _alive = alive;
            pending::<()>().await;
        });
        settle().await;
        child.abort();
        drop(Box::new(child));
        Ok(1)
    });
    assert_eq!(outcome.await, Ok(1));
    assert_eq!(gauge.now(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_child_that_ignores_cancellation_is_waited_for_and_loses_nothing() {
    let (release, released) = std::sync::mpsc::channel::<()>();
    let (started, running) = oneshot::channel::<()>();
    let group = group!(FUNCTION -> Result<&'static str, Error>, async move {
        // A loop that never awaits, on a thread of the runtime.
        let stubborn = spawn!("stubborn", async move {
            common::elsewhere(started);
            while !is_cancelled() {
                std::hint::spin_loop();
            }
            let _ = released.recv();
            "its value"
        });
        let _ = running.await;
        launch_in!(FUNCTION, async { Err::<(), _>("fails") });
        Ok(stubborn.await.unwrap())
    });
    let group = tokio::spawn(group);
    common::settle_for(Duration::from_millis(20)).await;
    assert!(!group.is_finished());
    drop(release);
    assert_eq!(group.await.unwrap(), Err(Error::Text("fails")));
}

#[tokio::test]
async fn a_token_cancelled_under_a_function_without_a_result_ends_its_tasks_only() {
    let token = tokio_util::sync::CancellationToken::new();
    let gauge = Gauge::default();
    let (alive, counted) = (gauge.enter(), gauge.clone());
    let options = Options::new().token(token.clone());
    let group = tokio::spawn(group!(FUNCTION -> usize, options, async move {
        let child = spawn!("child", async move {
            let _alive = alive;
            pending::<()>().await;
        });
        let error = child.await.unwrap_err();
        assert!(error.is_cancelled() && is_cancelled());
        let late = spawn!("late", async { unreachable!() });
        assert!(late.await.map(|(): ()| ()).unwrap_err().is_cancelled());
        counted.now()
    }));
    settle().await;
    token.cancel();
    assert_eq!(group.await.unwrap(), 0);
}

#[tokio::test]
async fn a_group_polled_after_it_has_ended_panics_clearly() {
    let mut group = Box::pin(group!(FUNCTION -> u8, async { 1 }));
    assert!(poll!(&mut group).is_ready());
    assert_eq!(
        panic_of(group).await,
        "a task group was polled after it had ended"
    );
}

#[tokio::test]
async fn a_conversion_that_panics_unwinds_out_of_the_group_and_leaves_nothing() {
    #[derive(Debug)]
    struct Unconvertible;
    impl From<&'static str> for Unconvertible {
        fn from(_: &'static str) -> Self {
            panic!("in the conversion")
        }
    }
    let gauge = Gauge::default();
    let alive = gauge.enter();
    let group = group!(FUNCTION -> Result<(), Unconvertible>, async move {
        launch!(async move {
            let _alive = alive;
            pending::<()>().await;
        });
        launch_in!(FUNCTION, async { Err::<(), _>("x") });
        pending().await
    });
    let outer = group!(FUNCTION -> Result<(), Error>, async {
        launch!(async { group.await.unwrap() });
        Ok(())
    });
    assert_eq!(outer.await, Err(Error::Panic("in the conversion".into())));
    assert_eq!(gauge.now(), 0);
}

#[tokio::test]
async fn a_panic_with_the_join_error_of_another_task_is_one_panic() {
    let (log, _guard) = Log::here();
    let outcome = group!(FUNCTION -> Result<(), Error>, async {
        launch!("outer", async {
            let inner = spawn!("inner", common::panics("once"));
            match inner.await {
                Ok(()) => {}
                Err(error) => PanicError::from_join_error(error).unwrap().resume(),
            }
        });
        Ok(())
    });
    assert_eq!(outcome.await, Err(Error::Panic("once".into())));
    assert_eq!(log.lines(), ["panic: once"]);
    assert_eq!(log.all()[0]["path"], "bad_input/inner");
}
