//! Programs chosen by chance on a machine that has no time: many at once, beside threads that spin. At the end every counter
//! is at zero, every value was dropped once, and every panic was told once.
//!
//! `REJOIN_ROUNDS=20000 cargo test --release -p rejoin-tests --test stress` goes on for a minute and more. The same programs
//! run under schedules that can be repeated in `tests/schedules`.

mod alive;
mod program;

use std::env;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use futures::StreamExt;
use metrics_util::debugging::{DebugValue, DebuggingRecorder, Snapshotter};
use tokio::sync::watch;
use tracing::subscriber::NoSubscriber;

/// How many programs are run, unless `REJOIN_ROUNDS` says.
const ROUNDS: usize = 10_000;

/// How many at once: more than there are cores.
const AT_ONCE: usize = 16;

/// How many panics there were.
static PANICS: AtomicUsize = AtomicUsize::new(0);

mod chance {
    use std::sync::atomic::Ordering::SeqCst;
    use std::time::Duration;

    pub(super) fn below(many: u32) -> u32 {
        fastrand::u32(0..many)
    }

    pub(super) async fn pause() {
        match below(3) {
            0 => tokio::time::sleep(Duration::from_micros(below(300).into())).await,
            _ => tokio::task::yield_now().await,
        }
    }

    pub(super) fn boom() -> ! {
        super::PANICS.fetch_add(1, SeqCst);
        panic!("boom")
    }
}

/// The value of a gauge, 0 where there is none.
fn gauge(snapshotter: &Snapshotter, name: &str) -> f64 {
    let values = snapshotter.snapshot().into_vec().into_iter();
    values
        .filter(|(key, ..)| key.key().name() == name)
        .map(|(.., value)| match value {
            DebugValue::Gauge(value) => value.into_inner(),
            other => panic!("{name} is no gauge: {other:?}"),
        })
        .sum()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_tasks_do_to_each_other_nothing_is_lost_and_nothing_is_left() {
    let rounds = env::var("REJOIN_ROUNDS").map_or(ROUNDS, |rounds| rounds.parse().unwrap());
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    recorder.install().unwrap();
    // Thousands of reports, which are looked at here and nowhere else.
    tracing::subscriber::set_global_default(NoSubscriber::new()).unwrap();
    std::panic::set_hook(Box::new(|_| {}));
    let told = Arc::new(AtomicUsize::new(0));
    let telling = Arc::clone(&told);
    rejoin::on_panic(move |_| {
        telling.fetch_add(1, SeqCst);
    });

    let stop = Arc::new(AtomicBool::new(false));
    let spinning: Vec<_> = (0..2)
        .map(|_| {
            let stop = Arc::clone(&stop);
            std::thread::spawn(move || {
                while !stop.load(SeqCst) {
                    std::hint::spin_loop();
                }
            })
        })
        .collect();

    let programs = futures::stream::iter(0..rounds).map(|_| tokio::spawn(program::run()));
    let ended = programs
        .buffer_unordered(AT_ONCE)
        .map(|ended| ended.expect("a program has found something left"))
        .count()
        .await;
    stop.store(true, SeqCst);
    for thread in spinning {
        thread.join().unwrap();
    }

    assert_eq!(ended, rounds);
    let left = rejoin::root().join(Duration::from_secs(60)).await;
    assert!(left.is_empty(), "{left:?}");
    let tree = rejoin::tree();
    assert_eq!((tree.task_count(), tree.scopes().len()), (0, 1), "{tree}");
    let alive = gauge(&snapshotter, "rejoin_tasks_alive");
    assert!(alive.abs() < 0.5, "{alive} tasks are alive, says the gauge");
    rejoin::flush_reports();
    assert_eq!(told.load(SeqCst), PANICS.load(SeqCst), "each panic once");
}
