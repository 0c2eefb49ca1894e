//! Very many: ten thousand nested groups, a million tasks. One subscriber for the process, that counts.

mod common;

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use common::{Error, Gauge, GroupId, Options, group, launch, launch_in, live, spawn};
use futures::poll;
use tokio::runtime::Builder;
use tokio::sync::{Mutex, Semaphore, oneshot};

static FUNCTION: GroupId = GroupId::new("many");

type Outcome = Result<u32, Error>;

/// How many reports there were.
static REPORTS: AtomicUsize = AtomicUsize::new(0);

struct Counter;

impl tracing::Subscriber for Counter {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.target() == "rejoin"
    }
    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }
    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}
    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
    fn event(&self, _: &tracing::Event<'_>) {
        REPORTS.fetch_add(1, Ordering::SeqCst);
    }
    fn enter(&self, _: &tracing::span::Id) {}
    fn exit(&self, _: &tracing::span::Id) {}
}

/// One test at a time: they share the counter, and the machine.
static ALONE: Mutex<()> = Mutex::const_new(());

async fn alone() -> tokio::sync::MutexGuard<'static, ()> {
    let _ = tracing::subscriber::set_global_default(Counter);
    let guard = ALONE.lock().await;
    REPORTS.store(0, Ordering::SeqCst);
    guard
}

const DEEP: u32 = 10_000;

/// Groups in tasks of groups; the innermost runs `last`.
fn nested(
    depth: u32,
    gauge: Gauge,
    last: impl Future<Output = Outcome> + Send + 'static,
) -> Pin<Box<dyn Future<Output = Outcome> + Send>> {
    let body = async move {
        let _alive = gauge.enter();
        if depth == 0 {
            return last.await;
        }
        let inner = spawn!("inner", nested(depth - 1, gauge.clone(), last));
        Ok(inner.await.unwrap()? + 1)
    };
    // It is opened where it is polled, as that of an `async fn`.
    Box::pin(async { group!(FUNCTION -> Outcome, body).await })
}

#[tokio::test]
async fn ten_thousand_nested_groups_end_well() {
    let _alone = alone().await;
    let gauge = Gauge::default();
    let outcome = nested(DEEP, gauge.clone(), async { Ok(0) }).await;
    assert_eq!(outcome, Ok(DEEP));
    assert_eq!((gauge.all(), gauge.now()), (DEEP as usize + 1, 0));
}

#[tokio::test]
async fn ten_thousand_nested_groups_fail_from_the_inside() {
    let _alone = alone().await;
    let gauge = Gauge::default();
    let outcome = nested(DEEP, gauge.clone(), async { panic!("at the bottom") }).await;
    assert_eq!(outcome, Err(Error::Panic("at the bottom".into())));
    assert_eq!((gauge.all(), gauge.now()), (DEEP as usize + 1, 0));
    assert_eq!(REPORTS.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn ten_thousand_nested_groups_fail_from_the_outside() {
    let _alone = alone().await;
    let gauge = Gauge::default();
    let (bottom, reached) = oneshot::channel();
    let whole = nested(DEEP, gauge.clone(), async {
        bottom.send(()).unwrap();
        std::future::pending().await
    });
    let outcome = group!(FUNCTION -> Outcome, async {
        launch!(async { drop(whole.await) });
        reached.await.unwrap();
        Err(Error::Text("at the top"))
    });
    assert_eq!(outcome.await, Err(Error::Text("at the top")));
    assert_eq!((gauge.all(), gauge.now()), (DEEP as usize + 1, 0));
}

#[tokio::test]
async fn ten_thousand_nested_groups_are_dropped() {
    static OUTER: GroupId = GroupId::new("dropped_pile");
    let _alone = alone().await;
    let gauge = Gauge::default();
    let (bottom, mut reached) = oneshot::channel();
    let whole = nested(DEEP, gauge.clone(), async {
        bottom.send(()).unwrap();
        std::future::pending().await
    });
    let mut whole = Box::pin(group!(OUTER -> Outcome, whole));
    assert!(poll!(&mut whole).is_pending());
    while reached.try_recv().is_err() {
        tokio::task::yield_now().await;
    }
    drop(whole);
    while gauge.now() > 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(gauge.all(), DEEP as usize + 1);
    for _ in 0..16 {
        tokio::task::yield_now().await;
    }
    assert_eq!(live("dropped_pile"), [""; 0]);
}

#[test]
fn ten_thousand_groups_in_one_body_are_built_and_dropped() {
    // Without tasks between them: each is a local of the one before. On a thread whose stack holds that many frames.
    fn pile(depth: u32) -> Pin<Box<dyn Future<Output = u32> + Send>> {
        Box::pin(group!(FUNCTION -> u32, async move {
            if depth == 0 {
                std::future::pending::<()>().await;
            }
            pile(depth - 1).await + 1
        }))
    }
    let thread = std::thread::Builder::new().stack_size(1 << 30).spawn(|| {
        let runtime = Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let _alone = alone().await;
            let mut pile = pile(DEEP);
            assert!(poll!(&mut pile).is_pending());
        });
    });
    thread.unwrap().join().unwrap();
}

const MILLION: usize = 1_000_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_million_tasks_in_one_group_of_which_half_fail_at_the_same_moment() {
    let _alone = alone().await;
    let gate = Arc::new(Semaphore::new(0));
    let ready = Arc::new(AtomicUsize::new(0));
    // With a grace, so that they fail instead of being aborted; and however long that takes here, it is no warning.
    let long = Duration::from_secs(3600);
    let options = Options::new().grace(long).warn_after(long);
    let body = async move {
        for n in 0..MILLION {
            let (gate, ready) = (gate.clone(), ready.clone());
            launch_in!(FUNCTION, async move {
                ready.fetch_add(1, Ordering::SeqCst);
                gate.acquire().await.unwrap_err();
                if n % 2 == 0 {
                    Ok(())
                } else {
                    Err("one of half a million")
                }
            });
        }
        while ready.load(Ordering::SeqCst) < MILLION {
            tokio::task::yield_now().await;
        }
        gate.close();
        std::future::pending().await
    };
    let outcome = tokio::spawn(group!(FUNCTION -> Outcome, options, body)).await;
    assert_eq!(outcome.unwrap(), Err(Error::Text("one of half a million")));
    // None is silent: one is returned, the others are reported.
    assert_eq!(REPORTS.load(Ordering::SeqCst), MILLION / 2 - 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_thousand_idle_tasks_are_cancelled_by_one_failure() {
    const COUNT: usize = 100_000;
    let _alone = alone().await;
    let gauge = Gauge::default();
    let counted = gauge.clone();
    let body = async move {
        for _ in 0..COUNT {
            let alive = counted.enter();
            launch!(async move {
                let _alive = alive;
                std::future::pending::<()>().await;
            });
        }
        Err(Error::Text("the body"))
    };
    let outcome = tokio::spawn(group!(FUNCTION -> Outcome, body)).await;
    assert_eq!(outcome.unwrap(), Err(Error::Text("the body")));
    assert_eq!((gauge.all(), gauge.now()), (COUNT, 0));
}
