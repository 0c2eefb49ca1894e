//! Children inherit scope, cancellation, deadline, names and span (C1). One subscriber for the process.

mod common;

use std::time::Duration;

use common::{Error, GroupId, Options, group, launch, settle, spawn};
use rejoin::__private::place;
use rejoin::TaskGroup;
use tracing::{Instrument as _, Span, info_span};

static FUNCTION: GroupId = GroupId::new("context");

type Group = TaskGroup<std::io::Error>;

/// The subscriber that knows the current span.
fn subscribed() {
    let _ = tracing::subscriber::set_global_default(tracing_subscriber::registry());
}

#[tokio::test]
async fn a_task_runs_in_the_span_of_its_spawner() {
    subscribed();
    let request = info_span!("request");
    let id = request.id();
    async {
        let task = rejoin::spawn(async {
            let before = Span::current().id();
            tokio::task::yield_now().await;
            (before, Span::current().id())
        });
        assert_eq!(task.await.unwrap(), (id.clone(), id.clone()));
        let task = rejoin::spawn(async { rejoin::spawn(async { Span::current().id() }).await });
        assert_eq!(task.await.unwrap().unwrap(), id, "and its tasks too");
        let task = rejoin::spawn_blocking(|| Span::current().id());
        assert_eq!(task.await.unwrap(), id);
    }
    .instrument(request)
    .await;
}

#[tokio::test]
async fn without_a_span_there_is_none() {
    subscribed();
    let task = rejoin::spawn(async { Span::current().id() });
    assert_eq!(task.await.unwrap(), None);
}

#[tokio::test]
async fn the_span_is_closed_when_the_group_has_been_joined() {
    // The span of a request ends with the request, not with the last handle to a task that has ended.
    use tracing_subscriber::layer::SubscriberExt as _;

    struct Closes(std::sync::mpsc::Sender<()>);
    impl<S: tracing::Subscriber> tracing_subscriber::Layer<S> for Closes {
        fn on_close(&self, _: tracing::span::Id, _: tracing_subscriber::layer::Context<'_, S>) {
            self.0.send(()).unwrap();
        }
    }
    subscribed();
    let (sender, closed) = std::sync::mpsc::channel();
    let _guard =
        tracing::subscriber::set_default(tracing_subscriber::registry().with(Closes(sender)));
    let group = Group::new();
    let span = info_span!("request");
    span.in_scope(|| group.launch(settle()));
    drop(span);
    settle_once().await;
    assert!(closed.try_recv().is_err(), "the task keeps it");
    group.join().await.unwrap();
    closed.try_recv().expect("nobody keeps it");
}

async fn settle_once() {
    tokio::task::yield_now().await;
}

#[tokio::test]
async fn block_on_inside_spawn_blocking_inherits_the_scope() {
    let group = Group::new();
    let task = group.spawn_blocking(|| {
        tokio::runtime::Handle::current().block_on(async {
            launch!("inside", std::future::pending::<()>());
            assert_eq!(
                common::live("inside").len(),
                1,
                "{:?}",
                common::live("inside")
            );
            rejoin::is_cancelled()
        })
    });
    assert!(!task.await.unwrap());
    assert_eq!(group.len(), 1, "the task that it has spawned");
    group.cancel();
    group.join().await.unwrap();
    assert_eq!(common::live("inside"), [""; 0]);
}

#[tokio::test]
async fn a_group_opened_by_block_on_inside_spawn_blocking_is_inside_the_group() {
    let outcome = group!(FUNCTION -> Result<u8, Error>, async {
        let task = rejoin::spawn_blocking(|| {
            static INNER: GroupId = GroupId::new("inner");
            tokio::runtime::Handle::current().block_on(group!(INNER -> Result<u8, Error>, async {
                spawn!("leaf", async {}).await.unwrap();
                Ok(7)
            }))
        });
        task.await.unwrap()
    });
    assert_eq!(outcome.await, Ok(7));
}

#[tokio::test]
async fn a_thread_inherits_the_scope() {
    let group = Group::builder().name("thread_scope").open();
    let runtime = tokio::runtime::Handle::current();
    let (sender, receiver) = tokio::sync::oneshot::channel();
    group.launch(async move {
        rejoin::__private::launch_thread(
            const { &common::Site::new("thread") },
            common::plain(),
            move || {
                let _entered = runtime.enter();
                launch!("of_thread", std::future::pending::<()>());
                sender.send(()).unwrap();
            },
        );
    });
    receiver.await.unwrap();
    assert_eq!(common::live("of_thread"), ["thread_scope/of_thread"]);
    group.cancel();
    group.join().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_task_inherits_the_deadline_and_the_cancellation() {
    let options = Options::new()
        .deadline(Duration::from_secs(1))
        .grace(Duration::from_secs(1));
    let outcome = group!(FUNCTION -> Result<(), Error>, options, async {
        launch!(async {
            let seen = spawn!("seen", async {
                assert_eq!(rejoin::remaining(), Some(Duration::from_secs(1)));
                rejoin::cancelled().await
            });
            assert_eq!(seen.await.unwrap(), rejoin::CancelCause::Deadline);
        });
        std::future::pending().await
    });
    assert_eq!(outcome.await, Err(Error::Deadline(Duration::from_secs(1))));
}

#[tokio::test]
async fn a_task_that_is_not_rejoins_is_in_nobodys_scope() {
    let group = Group::new();
    let task = group.spawn(async {
        let raw = tokio::spawn(async {
            launch!("of_raw", async { std::future::pending::<()>().await });
            common::live("of_raw")
        });
        raw.await.unwrap()
    });
    assert_eq!(task.await.unwrap(), ["of_raw"]);
    group.join().await.unwrap();
}

#[tokio::test]
async fn the_scope_is_only_the_bodys_while_the_body_is_polled() {
    // Two groups in one task, polled in turn.
    static LEFT: GroupId = GroupId::new("left_scope");
    static RIGHT: GroupId = GroupId::new("right_scope");
    async fn body() -> (Vec<String>, Vec<String>) {
        settle().await;
        launch!("child", std::future::pending::<()>());
        settle().await;
        (common::live("left_scope"), common::live("right_scope"))
    }
    let left = group!(LEFT -> Result<(), Error>, async {
        let live = body().await;
        assert_eq!(live.0, ["left_scope/child"]);
        Err(Error::Text("ends"))
    });
    let right = group!(RIGHT -> Result<(), Error>, async {
        let live = body().await;
        assert_eq!(live.1, ["right_scope/child"]);
        Err(Error::Text("ends"))
    });
    let ended = Err(Error::Text("ends"));
    let (left, right) = tokio::join!(left, right);
    assert_eq!((&left, &right), (&ended, &ended));
    launch!("outside_again", async {});
    assert_eq!(common::live("outside_again"), ["outside_again"]);
}

#[tokio::test]
async fn a_panic_in_the_body_leaves_no_scope_behind() {
    let group = group!(FUNCTION -> (), async { panic!("body") });
    assert_eq!(common::panic_of(group).await, "body");
    let task = spawn!("after_the_panic", std::future::pending::<()>());
    assert_eq!(common::live("after_the_panic"), ["after_the_panic"]);
    task.abort();
}

#[tokio::test]
async fn a_place_is_of_the_group_whose_body_runs() {
    // Polled inside the body of another group, `place` must not wait for that one's.
    static LIMITED: GroupId = GroupId::new("limited");
    group!(LIMITED, Options::new().limit(1), async {
        place().await;
        launch!(settle());
        group!(FUNCTION, async {
            place().await;
            launch!(async {});
        })
        .await;
    })
    .await;
}
