//! What the facade `metrics` is told.
#![cfg(feature = "metrics")]

use std::collections::BTreeMap;
use std::future::{Future, pending};
use std::thread;
use std::time::{Duration, Instant};

use metrics::{NoopRecorder, Unit, with_local_recorder};
use metrics_util::debugging::{DebugValue, DebuggingRecorder, Snapshotter};
use rejoin::{PanicError, TaskGroup, catch_sync};

const SPAWNED: &str = "rejoin_tasks_spawned_total";
const ALIVE: &str = "rejoin_tasks_alive";
const PANICS: &str = "rejoin_panics_total";
const CANCEL: &str = "rejoin_cancel_seconds";

/// What has changed since the last look, by name and labels.
fn look(snapshotter: &Snapshotter) -> BTreeMap<String, DebugValue> {
    let mut seen = BTreeMap::new();
    for (key, _, _, value) in snapshotter.snapshot().into_vec() {
        let (_, key) = key.into_parts();
        let mut name = key.name().to_owned();
        for label in key.labels() {
            name = format!("{name}{{{}={}}}", label.key(), label.value());
        }
        seen.insert(name, value);
    }
    seen
}

fn count(seen: &BTreeMap<String, DebugValue>, name: &str) -> u64 {
    match seen.get(name) {
        Some(DebugValue::Counter(count)) => *count,
        None => 0,
        other => panic!("{name}: {other:?}"),
    }
}

fn change(seen: &BTreeMap<String, DebugValue>, name: &str) -> f64 {
    match seen.get(name) {
        Some(DebugValue::Gauge(change)) => change.into_inner(),
        None => 0.0,
        other => panic!("{name}: {other:?}"),
    }
}

#[track_caller]
fn assert_changed(seen: &BTreeMap<String, DebugValue>, name: &str, by: f64) {
    assert!((change(seen, name) - by).abs() < 0.1, "{seen:?}");
}

fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
        .block_on(future)
}

/// Runs a test on one thread, with a recorder of its own.
fn recorded<F: Future>(test: impl FnOnce(Snapshotter) -> F) {
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    with_local_recorder(&recorder, || block_on(test(snapshotter)));
}

#[test]
fn tasks_are_counted_when_they_are_spawned_and_when_they_end() {
    recorded(|snapshotter| async move {
        let group = TaskGroup::<PanicError>::new();
        group.launch(async { Ok(()) });
        let held = group.spawn(async { 7 });
        let waits = group.spawn(pending::<()>());
        let seen = look(&snapshotter);
        assert_eq!(count(&seen, SPAWNED), 3);
        assert_changed(&seen, ALIVE, 3.0);

        assert_eq!(held.await.unwrap(), 7);
        let seen = look(&snapshotter);
        assert_eq!(count(&seen, SPAWNED), 0);
        assert_changed(&seen, ALIVE, -2.0);

        waits.abort();
        group.join().await.unwrap();
        assert_changed(&look(&snapshotter), ALIVE, -1.0);
    });
}

#[test]
fn a_task_that_was_alive_before_the_recorder_is_not_taken_off() {
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    block_on(async {
        let (end, ends) = tokio::sync::oneshot::channel::<()>();
        // Not in the count of another test, which installs a recorder for the whole process.
        let task = with_local_recorder(&NoopRecorder, || rejoin::spawn(ends));
        drop(end);
        let _local = metrics::set_default_local_recorder(&recorder);
        assert!(task.await.unwrap().is_err());
        assert_changed(&look(&snapshotter), ALIVE, 0.0);
        rejoin::spawn(async {}).await.unwrap();
        let seen = look(&snapshotter);
        assert_eq!(count(&seen, SPAWNED), 1);
        assert_changed(&seen, ALIVE, 0.0);
    });
}

#[rejoin::guarded(name = "mail")]
async fn mail() -> Result<(), PanicError> {
    panic!("no such address")
}

#[test]
fn panics_are_counted_by_task() {
    recorded(|snapshotter| async move {
        for _ in 0..2 {
            assert!(mail().await.is_err());
        }
        let group = TaskGroup::<PanicError>::builder().name("serve").open();
        assert!(group.spawn(async { panic!("in a task") }).await.is_err());
        group.join().await.unwrap();
        let panic = catch_sync(|| panic!("nobody's"));
        assert!(panic.is_err());
        // A panic that goes on is the same one.
        let again = catch_sync(|| panic.unwrap_or_else(|panic| panic.resume()));
        assert!(again.is_err());

        let seen = look(&snapshotter);
        let panics = |task| count(&seen, &format!("{PANICS}{{task={task}}}"));
        assert_eq!(panics("mail"), 2);
        assert_eq!(panics("task"), 1, "the name, not the path: {seen:?}");
        assert_eq!(panics("none"), 1);
        let names = seen.keys().filter(|name| name.starts_with(PANICS));
        assert_eq!(names.count(), 3, "{seen:?}");
    });
}

#[test]
fn a_cancelled_group_tells_how_long_it_took_to_come_home() {
    recorded(|snapshotter| async move {
        let group = TaskGroup::<PanicError>::new();
        group.join().await.unwrap();
        assert_eq!(look(&snapshotter).get(CANCEL), None, "it was not cancelled");

        let group = TaskGroup::<PanicError>::new();
        let (runs, running) = tokio::sync::oneshot::channel();
        let (sees, seen) = tokio::sync::oneshot::channel();
        let (go_on, goes_on) = std::sync::mpsc::channel::<()>();
        let slow = group.spawn_blocking(move || {
            runs.send(()).unwrap();
            while !rejoin::is_cancelled() {
                thread::yield_now();
            }
            sees.send(()).unwrap();
            goes_on.recv().unwrap();
        });
        running.await.unwrap();
        let before = Instant::now();
        group.cancel();
        seen.await.unwrap();
        let stopping = Instant::now();
        // Some time that can be measured.
        while stopping.elapsed() < Duration::from_millis(2) {
            thread::yield_now();
        }
        let least = stopping.elapsed();
        go_on.send(()).unwrap();
        let _ = group.join().await;
        slow.await.unwrap();
        let most = before.elapsed();
        let seen = look(&snapshotter);
        let Some(DebugValue::Histogram(times)) = seen.get(CANCEL) else {
            panic!("{seen:?}");
        };
        // In seconds, from the cancellation to the end.
        assert_eq!(times.len(), 1);
        let time = Duration::from_secs_f64(times[0].into_inner());
        assert!(least <= time && time <= most, "{least:?} {time:?} {most:?}");
    });
}

#[test]
fn what_is_measured_is_described() {
    recorded(|snapshotter| async move {
        assert!(mail().await.is_err());
        let group = TaskGroup::<PanicError>::new();
        group.launch(async { Ok(()) });
        group.cancel();
        let _ = group.join().await;
        let mut described: Vec<_> = snapshotter
            .snapshot()
            .into_vec()
            .into_iter()
            .map(|(key, unit, text, _)| (key.key().name().to_owned(), unit, text.is_some()))
            .collect();
        described.sort_by(|a, b| a.0.cmp(&b.0));
        assert_eq!(
            described,
            [
                (CANCEL.to_owned(), Some(Unit::Seconds), true),
                (PANICS.to_owned(), Some(Unit::Count), true),
                (ALIVE.to_owned(), Some(Unit::Count), true),
                (SPAWNED.to_owned(), Some(Unit::Count), true),
            ]
        );
    });
}

#[test]
fn of_many_threads_nothing_is_lost() {
    const TASKS: u64 = 5_000;
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    recorder.install().expect("no other global recorder here");
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(4)
        .build()
        .unwrap();
    runtime.block_on(async {
        // On a worker: the recorder of this thread is not asked.
        let spawner = tokio::spawn(async {
            let group = TaskGroup::<PanicError>::new();
            for _ in 0..TASKS {
                group.launch(async {
                    rejoin::spawn(tokio::task::yield_now());
                    Ok(())
                });
            }
            group.join().await.unwrap();
        });
        spawner.await.unwrap();
    });
    let seen = look(&snapshotter);
    assert_eq!(count(&seen, SPAWNED), 2 * TASKS);
    assert_changed(&seen, ALIVE, 0.0);
}
