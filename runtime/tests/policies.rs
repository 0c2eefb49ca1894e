//! `on_failure = "collect"` and `"isolate"` (G5), and what is no failure at all (G6).

mod common;

use std::future::pending;

use common::log::Log;
use common::{
    Bomb, Error, Gauge, GroupId, Narrow, Options, collecting, group, launch, launch_in, panic_of,
    panics, settle, spawn,
};
use rejoin::{OnFailure, TaskGroup};

static FUNCTION: GroupId = GroupId::new("policy");

#[tokio::test]
async fn collect_lets_all_run_to_their_end_and_keeps_the_order_of_spawning() {
    let gauge = Gauge::default();
    let counted = gauge.clone();
    let outcome = collecting!(FUNCTION -> Result<(), Error>, Options::new(), async move {
        let (last, first) = tokio::sync::oneshot::channel::<()>();
        launch_in!(FUNCTION, async move {
            first.await.unwrap();
            Err::<(), _>("spawned first, fails last")
        });
        for _ in 0..3 {
            let alive = counted.enter();
            launch!(async move {
                settle().await;
                drop(alive);
            });
        }
        launch!(async { panic!("spawned second") });
        launch_in!(FUNCTION, async move {
            last.send(()).unwrap();
            Err::<(), _>("spawned third")
        });
        settle().await;
        assert!(!rejoin::is_cancelled());
        Err(Error::Text("body"))
    })
    .await;
    assert_eq!(
        outcome.unwrap_err().into_vec(),
        [
            Error::Text("spawned first, fails last"),
            Error::Panic("spawned second".into()),
            Error::Text("spawned third"),
            Error::Text("body"),
        ]
    );
    assert_eq!((gauge.all(), gauge.now()), (3, 0));
}

#[tokio::test]
async fn collect_gives_the_value_when_nobody_fails() {
    let outcome = collecting!(FUNCTION -> Result<u8, Error>, Options::new(), async {
        launch!(async {});
        Ok(7)
    });
    assert_eq!(outcome.await, Ok(7));
}

#[tokio::test]
async fn collect_returns_the_errors_when_the_body_was_well() {
    let outcome = collecting!(FUNCTION -> Result<(), Error>, Options::new(), async {
        launch_in!(FUNCTION, async { Err::<(), _>("alone") });
        Ok(())
    });
    assert_eq!(
        outcome.await.unwrap_err().into_vec(),
        [Error::Text("alone")]
    );
}

#[tokio::test]
async fn collect_unwinds_after_the_join_where_the_error_cannot_hold_a_panic() {
    let (log, _guard) = Log::here();
    let gauge = Gauge::default();
    let alive = gauge.enter();
    let outcome = collecting!(FUNCTION -> Result<(), &'static str>, Options::new(), async move {
        launch!(async { panic!("unwinds") });
        launch_in!(FUNCTION, async move {
            settle().await;
            drop(alive);
            Err::<(), _>("reported")
        });
        Ok(())
    });
    assert_eq!(panic_of(outcome).await, "unwinds");
    assert_eq!(gauge.now(), 0);
    assert_eq!(log.lines(), ["panic: unwinds", "error: reported"]);
}

#[tokio::test]
async fn the_explicit_group_collects_with_join_all() {
    let group = TaskGroup::<std::io::Error>::builder()
        .on_failure(OnFailure::Collect)
        .open();
    group.launch(async {
        settle().await;
        Err::<(), _>(std::io::Error::other("a"))
    });
    group.launch(panics("b"));
    group.launch(async { Err::<(), _>(std::io::Error::other("c")) });
    let errors = group.join_all().await.unwrap_err();
    assert_eq!(errors.len(), 3);
    assert_eq!(errors.first().unwrap().to_string(), "a");
    assert!(errors.into_vec()[1].to_string().contains('b'));
}

#[tokio::test]
async fn isolate_reports_and_touches_neither_siblings_nor_body() {
    let (log, _guard) = Log::here();
    let gauge = Gauge::default();
    let counted = gauge.clone();
    let outcome = group!(FUNCTION -> Result<u8, Error>, Options::new().isolate(), async move {
        let alive = counted.enter();
        launch!(async move {
            settle().await;
            drop(alive);
        });
        launch_in!(FUNCTION, async { Err::<(), _>("error") });
        launch!(async { panic!("panic") });
        settle().await;
        assert!(!rejoin::is_cancelled());
        Ok(1)
    })
    .await;
    assert_eq!(outcome, Ok(1));
    assert_eq!(log.lines(), ["error: error", "panic: panic"]);
    assert_eq!((gauge.all(), gauge.now()), (1, 0));
}

#[tokio::test]
async fn isolate_still_cancels_the_tasks_when_the_body_fails() {
    // As Kotlin's supervisorScope.
    let outcome = group!(FUNCTION -> Result<u8, Narrow>, Options::new().isolate(), async {
        launch!(pending::<()>());
        Err(Narrow("body"))
    });
    assert_eq!(outcome.await, Err(Narrow("body")));
    let outcome = group!(FUNCTION -> Result<u8, Narrow>, Options::new().isolate(), async {
        launch!(pending::<()>());
        panic!("body")
    });
    assert_eq!(panic_of(outcome).await, "body");
}

#[tokio::test]
async fn the_explicit_group_isolates() {
    let (log, _guard) = Log::here();
    let group = TaskGroup::<std::io::Error>::builder()
        .on_failure(OnFailure::Isolate)
        .open();
    group.launch(async { Err::<(), _>(std::io::Error::other("error")) });
    group.launch(panics("panic"));
    let survivor = group.spawn(async {
        settle().await;
        7
    });
    assert_eq!(survivor.await.unwrap(), 7);
    group.join().await.unwrap();
    assert_eq!(log.all()[0]["kind"], "error");
    assert_eq!(log.all()[1]["kind"], "panic");
}

#[tokio::test]
async fn an_aborted_task_is_neither_a_failure_nor_a_success() {
    let outcome = group!(FUNCTION -> Result<(), Error>, async {
        let aborted = spawn!("aborted", pending::<()>());
        let sibling = spawn!("sibling", async {
            settle().await;
            7
        });
        aborted.abort();
        let error = aborted.await.unwrap_err();
        assert!(error.is_cancelled());
        assert!(!rejoin::is_cancelled());
        assert_eq!(sibling.await.unwrap(), 7);
        Ok(())
    });
    assert_eq!(outcome.await, Ok(()));
}

#[tokio::test]
async fn a_task_aborted_before_its_first_poll_is_joined() {
    group!(FUNCTION, async {
        let aborted = spawn!("aborted", async { unreachable!() });
        aborted.abort();
        assert!(aborted.await.map(|(): ()| ()).unwrap_err().is_cancelled());
    })
    .await;
}

#[tokio::test]
async fn a_group_that_was_cancelled_by_its_owner_ends_well() {
    let group = TaskGroup::<std::io::Error>::new();
    let task = group.spawn(pending::<()>());
    group.cancel();
    assert!(group.is_cancelled());
    assert!(task.await.unwrap_err().is_cancelled());
    group.join().await.unwrap();
}

#[tokio::test]
async fn a_destructor_that_panics_while_its_task_is_cancelled_is_a_panic() {
    let (log, _guard) = Log::here();
    let outcome = group!(FUNCTION -> Result<(), Error>, async {
        launch!("bomb", async {
            let _bomb = Bomb("boom");
            pending::<()>().await;
        });
        settle().await;
        Err(Error::Text("the cause"))
    })
    .await;
    assert_eq!(
        outcome,
        Err(Error::Text("the cause")),
        "it never hides its cause"
    );
    assert_eq!(log.lines(), ["panic: boom"]);
    assert_eq!(log.all()[0]["path"], "policy/bomb");
}

#[tokio::test]
async fn a_destructor_that_panics_in_a_held_task_that_is_aborted_goes_to_its_handle() {
    let (log, _guard) = Log::here();
    let group = TaskGroup::<std::io::Error>::new();
    let task = group.spawn(async {
        let _bomb = Bomb("boom");
        pending::<()>().await;
    });
    settle().await;
    task.abort();
    let error = task.await.unwrap_err();
    assert_eq!(
        rejoin::PanicError::from_join_error(error)
            .unwrap()
            .message(),
        "boom"
    );
    assert_eq!(log.lines(), ["panic: boom"]);
    group.join().await.unwrap();
}

#[tokio::test]
async fn a_destructor_that_panics_in_a_cancelled_group_fails_a_group_that_was_well() {
    let group = TaskGroup::<std::io::Error>::new();
    group.launch(async {
        let _bomb = Bomb("boom");
        pending::<()>().await;
    });
    settle().await;
    group.cancel();
    let error = group.join().await.unwrap_err();
    assert!(error.to_string().contains("boom"), "{error}");
}

/// An error that can be neither displayed nor debugged, nor made from a panic.
struct Mute;

#[tokio::test]
async fn an_error_without_words_that_has_no_place_is_reported_by_its_type() {
    let (log, _guard) = Log::here();
    let group = collecting!(FUNCTION -> Result<(), Mute>, Options::new(), async {
        launch!(async { panic!("unwinds") });
        Err(Mute)
    });
    let unwound = common::panic_of(async { group.await.is_ok() }).await;
    assert_eq!(unwound, "unwinds");
    assert_eq!(log.lines(), ["panic: unwinds", "error: policies::Mute"]);
}
