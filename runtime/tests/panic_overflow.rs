//! More panics than wait for a handler that blocks: they are on stderr, and no metric misses one. In a process of its own,
//! since the handler blocks all others.
#![cfg(feature = "metrics")]

use std::collections::BTreeMap;
use std::panic::{catch_unwind, set_hook, take_hook};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use metrics_util::debugging::{DebugValue, DebuggingRecorder, Snapshotter};
use rejoin::{catch_sync, flush_reports, on_panic};

/// As many as wait.
const WAITING: u64 = 1024;
const MORE: u64 = 20;

/// How many panics were counted, by the label `task`.
fn counted(snapshotter: &Snapshotter, counts: &mut BTreeMap<String, u64>) {
    for (key, _, _, value) in snapshotter.snapshot().into_vec() {
        let DebugValue::Counter(count) = value else {
            continue;
        };
        if key.key().name() != "rejoin_panics_total" {
            continue;
        }
        let task = key.key().labels().next().unwrap().value().to_owned();
        *counts.entry(task).or_default() += count;
    }
}

#[rejoin::guarded(name = "looks-away")]
fn looks_away() {
    for _ in 0..WAITING + MORE {
        let _ = catch_unwind(|| panic!("watched"));
    }
}

#[test]
fn panics_that_find_no_place_are_counted_all_the_same() {
    static HEARD: AtomicU64 = AtomicU64::new(0);
    // Thousands of panics that are meant need no backtraces.
    let default = take_hook();
    set_hook(Box::new(move |info| {
        if info.payload().downcast_ref() != Some(&"nobody's")
            && info.payload().downcast_ref() != Some(&"watched")
        {
            default(info);
        }
    }));
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    recorder.install().expect("no other recorder here");

    let (blocks, blocked) = channel();
    let (go_on, goes_on) = channel::<()>();
    let goes_on = Mutex::new(goes_on);
    on_panic(move |report| {
        HEARD.fetch_add(1, Ordering::Relaxed);
        if report.message() == "the first" {
            blocks.send(()).unwrap();
            goes_on.lock().unwrap().recv().unwrap();
        }
    });

    let _ = catch_unwind(|| panic!("the first"));
    blocked.recv().unwrap();
    // The thread that tells these is in the handler.
    for _ in 0..WAITING + MORE {
        let _ = catch_unwind(|| panic!("nobody's"));
    }
    // And so it would tell these, which somebody catches in a frame that goes on.
    catch_sync(looks_away).unwrap();
    go_on.send(()).unwrap();

    let all = 1 + 2 * (WAITING + MORE);
    let mut counts = BTreeMap::new();
    let until = Instant::now() + Duration::from_secs(60);
    while counts.values().sum::<u64>() < all {
        assert!(Instant::now() < until, "{counts:?}");
        flush_reports();
        thread::yield_now();
        counted(&snapshotter, &mut counts);
    }
    flush_reports();
    counted(&snapshotter, &mut counts);
    assert_eq!(counts.values().sum::<u64>(), all, "{counts:?}");
    // Whoever has found a place is heard of: the first, those that waited, and those that the frame still knew.
    let heard = HEARD.load(Ordering::Relaxed);
    assert!(heard > WAITING && heard < all, "{heard}");
}
