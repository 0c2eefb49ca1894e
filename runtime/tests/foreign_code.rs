//! Subscribers and recorders that panic wherever they are called: they spoil their own record, and no task, no count and no
//! outcome.
#![cfg(all(feature = "tracing", feature = "metrics"))]

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use common::{GroupId, Options, group, launch, spawn};
use metrics::{
    Counter, CounterFn, Gauge, GaugeFn, Histogram, HistogramFn, Key, KeyName, Metadata as Meta,
    Recorder, SharedString, Unit, with_local_recorder,
};
use rejoin::{TaskGroup, root};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber, span};
use tracing_core::span::Current;

static FUNCTION: GroupId = GroupId::new("watched");

/// What it panics in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum In {
    Enter,
    Exit,
    Close,
    Clone,
    CurrentSpan,
    Enabled,
    Event,
}

const CALLS: [In; 7] = [
    In::Enter,
    In::Exit,
    In::Close,
    In::Clone,
    In::CurrentSpan,
    In::Enabled,
    In::Event,
];

/// Panics in one kind of call while it is armed.
#[derive(Clone)]
struct Broken(In, Arc<AtomicBool>, Arc<AtomicUsize>);

impl Broken {
    fn of(call: In) -> Self {
        Self(call, Arc::default(), Arc::default())
    }

    fn called(&self, call: In) {
        if self.0 == call && self.1.load(Ordering::SeqCst) {
            self.2.fetch_add(1, Ordering::SeqCst);
            panic!("the subscriber is broken");
        }
    }
}

impl Subscriber for Broken {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        self.called(In::Enabled);
        true
    }
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, _: &Event<'_>) {
        self.called(In::Event);
    }
    fn enter(&self, _: &Id) {
        self.called(In::Enter);
    }
    fn exit(&self, _: &Id) {
        self.called(In::Exit);
    }
    fn clone_span(&self, id: &Id) -> Id {
        self.called(In::Clone);
        id.clone()
    }
    fn try_close(&self, _: Id) -> bool {
        self.called(In::Close);
        true
    }
    fn current_span(&self) -> Current {
        static META: std::sync::OnceLock<&'static Metadata<'static>> = std::sync::OnceLock::new();
        self.called(In::CurrentSpan);
        if let Some(meta) = META.get() {
            return Current::new(Id::from_u64(1), meta);
        }
        if let Some(meta) = span!(tracing::Level::ERROR, "around").metadata() {
            let _ = META.set(meta);
        }
        Current::none()
    }
}

/// Tasks of each kind, all of which give what they give without a subscriber.
async fn work() {
    let done = Arc::new(AtomicUsize::new(0));
    group!(FUNCTION, Options::new(), {
        let done = Arc::clone(&done);
        async move {
            for _ in 0..3 {
                let done = Arc::clone(&done);
                launch!("launched", async move {
                    tokio::task::yield_now().await;
                    done.fetch_add(1, Ordering::SeqCst);
                });
            }
            let held = spawn!("held", async {
                tokio::task::yield_now().await;
                7
            });
            assert_eq!(held.await.unwrap(), 7);
            let blocking = rejoin::spawn_blocking(|| 8);
            assert_eq!(blocking.await.unwrap(), 8);
        }
    })
    .await;
    assert_eq!(done.load(Ordering::SeqCst), 3);
    let group = TaskGroup::<std::io::Error>::new();
    let aborted = group.spawn(std::future::pending::<()>());
    group.cancel();
    assert!(aborted.await.unwrap_err().is_cancelled());
    group.join().await.unwrap();
}

fn run() {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(async {
            let works = tokio::time::timeout(Duration::from_secs(60), work());
            works.await.expect("no group hangs");
            assert!(root().idle(Duration::from_secs(60)).await.is_empty());
        });
}

#[test]
fn a_subscriber_that_panics_in_any_call_costs_no_task() {
    for call in CALLS {
        let broken = Broken::of(call);
        let armed = Arc::clone(&broken.1);
        tracing::subscriber::with_default(broken, || {
            // The span is made and entered before.
            let around = span!(tracing::Level::ERROR, "around");
            let _entered = around.enter();
            armed.store(true, Ordering::SeqCst);
            run();
            armed.store(false, Ordering::SeqCst);
        });
    }
}

/// Panics in the call with this number.
#[derive(Clone)]
struct Bad(usize, Arc<AtomicUsize>);

const REGISTER: usize = 0;
const INCREMENT: usize = 1;
const RAISE: usize = 2;
const LOWER: usize = 3;
const RECORD: usize = 4;
const DESCRIBE: usize = 5;

impl Bad {
    fn called(&self, call: usize) {
        if self.0 == call {
            self.1.fetch_add(1, Ordering::SeqCst);
            panic!("the recorder is broken");
        }
    }
}

impl Recorder for Bad {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {
        self.called(DESCRIBE);
    }
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn register_counter(&self, _: &Key, _: &Meta<'_>) -> Counter {
        self.called(REGISTER);
        Counter::from_arc(Arc::new(self.clone()))
    }
    fn register_gauge(&self, _: &Key, _: &Meta<'_>) -> Gauge {
        Gauge::from_arc(Arc::new(self.clone()))
    }
    fn register_histogram(&self, _: &Key, _: &Meta<'_>) -> Histogram {
        Histogram::from_arc(Arc::new(self.clone()))
    }
}

impl CounterFn for Bad {
    fn increment(&self, _: u64) {
        self.called(INCREMENT);
    }
    fn absolute(&self, _: u64) {}
}

impl GaugeFn for Bad {
    fn increment(&self, _: f64) {
        self.called(RAISE);
    }
    fn decrement(&self, _: f64) {
        self.called(LOWER);
    }
    fn set(&self, _: f64) {}
}

impl HistogramFn for Bad {
    fn record(&self, _: f64) {
        self.called(RECORD);
    }
}

#[test]
fn a_recorder_that_panics_in_any_call_costs_no_task() {
    for call in [REGISTER, INCREMENT, RAISE, LOWER, RECORD, DESCRIBE] {
        // Each at an address of its own: by that a thread knows its recorder again.
        let bad: &'static Bad = Box::leak(Box::new(Bad(call, Arc::default())));
        with_local_recorder(bad, run);
        assert!(bad.1.load(Ordering::SeqCst) > 0, "call {call} is made");
    }
}
