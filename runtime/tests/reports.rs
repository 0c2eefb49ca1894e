//! Reports from other threads: the watchdog's (G7), and of failures that nobody is left for. One subscriber for the process.

mod common;

use std::future::pending;
use std::sync::mpsc;
use std::time::Duration;

use common::log::{Log, Report};
use common::{Error, Gauge, GroupId, Options, Site, Slot, group, launch, plain};
use futures::poll;
use rejoin::TaskGroup;
use tokio::sync::oneshot;

type Group = TaskGroup<std::io::Error>;

fn stuck(name: &'static str) -> impl Fn(&Report) -> bool {
    move |report| report["kind"] == "stuck" && report["path"] == name
}

#[tokio::test]
async fn a_wait_that_takes_long_names_every_task_alive_with_its_kind_and_its_spawn() {
    static FUNCTION: GroupId = GroupId::new("names_everyone");
    let log = Log::global();
    let (stop, stopped) = oneshot::channel::<()>();
    let (release, released) = mpsc::channel::<()>();
    let (release_too, released_too) = mpsc::channel::<()>();
    let options = Options::new().warn_after(Duration::from_millis(5));
    let group = tokio::spawn(group!(FUNCTION, options, async move {
        launch!("task_of_it", stopped);
        common::launch_blocking!("blocking_of_it", move || {
            let _ = released.recv();
        });
        rejoin::__private::launch_thread(
            const { &Site::new("thread_of_it") },
            plain(),
            move || {
                let _ = released_too.recv();
            },
        );
    }));
    let report = tokio::task::spawn_blocking(|| log.wait_for(1, stuck("names_everyone")));
    let report = report.await.unwrap().remove(0);
    assert_eq!(report["alive"], "3");
    let message = &report["message"];
    for part in [
        "for 3 tasks to end: ",
        "task `names_everyone/task_of_it` spawned at runtime/tests/reports.rs:",
        "blocking `names_everyone/blocking_of_it` spawned at ",
        "thread `names_everyone/thread_of_it` spawned at ",
        " ago",
    ] {
        assert!(message.contains(part), "{part} in {message}");
    }
    stop.send(()).unwrap();
    drop((release, release_too));
    group.await.unwrap();
}

#[tokio::test]
async fn it_is_reported_again_at_doubling_intervals() {
    let log = Log::global();
    let group = Group::builder()
        .name("doubling")
        .warn_after(Duration::from_millis(20))
        .open();
    let task = group.spawn(pending::<()>());
    let joined = tokio::spawn(group.join());
    let reports = tokio::task::spawn_blocking(|| log.wait_for(3, stuck("doubling")));
    let waited: Vec<f32> = reports
        .await
        .unwrap()
        .iter()
        .map(|report| {
            let (_, time) = report["message"].split_once("has waited ").unwrap();
            let time = time.split_once(' ').unwrap().0;
            match time.strip_suffix("ms") {
                Some(millis) => millis.parse().unwrap(),
                None => time.strip_suffix('s').unwrap().parse::<f32>().unwrap() * 1000.0,
            }
        })
        .collect();
    for (waited, at_least) in waited.iter().zip([20.0, 40.0, 80.0]) {
        assert!(*waited >= at_least, "{waited} ms, not before {at_least}");
    }
    task.abort();
    joined.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_warning_after_no_time_at_all_doubles_its_intervals_too() {
    let log = Log::global();
    let group = Group::builder()
        .name("at_once")
        .warn_after(Duration::ZERO)
        .open();
    let task = group.spawn(pending::<()>());
    let joined = tokio::spawn(group.join());
    let reports = tokio::task::spawn_blocking(|| log.wait_for(6, stuck("at_once")));
    let last = reports.await.unwrap().pop().unwrap();
    let (_, time) = last["message"].split_once("has waited ").unwrap();
    let time = time.split_once(' ').unwrap().0;
    let millis: f32 = match time.strip_suffix("ms") {
        Some(millis) => millis.parse().unwrap(),
        None => time.strip_suffix('s').unwrap().parse::<f32>().unwrap() * 1000.0,
    };
    // One, two, four and so on: the sixth comes after 32.
    assert!(millis >= 32.0, "{millis} ms");
    task.abort();
    joined.await.unwrap().unwrap();
}

#[tokio::test]
async fn tasks_of_groups_inside_are_named_too() {
    static OUTER: GroupId = GroupId::new("named_outer");
    static INNER: GroupId = GroupId::new("named_inner");
    let log = Log::global();
    let (stop, stopped) = oneshot::channel::<()>();
    let options = Options::new().warn_after(Duration::from_millis(5));
    let group = tokio::spawn(group!(OUTER, options, async move {
        launch!("middle", async move {
            group!(INNER, async move { launch!("leaf", stopped) }).await;
        });
    }));
    let report = tokio::task::spawn_blocking(|| log.wait_for(1, stuck("named_outer")));
    let message = &report.await.unwrap()[0]["message"];
    assert!(message.contains("`named_outer/middle`"), "{message}");
    assert!(
        message.contains("`named_outer/middle/named_inner/leaf`"),
        "{message}"
    );
    stop.send(()).unwrap();
    group.await.unwrap();
}

#[tokio::test]
async fn a_warning_that_is_never_to_come_does_not_end_the_watchdog() {
    let log = Log::global();
    let patient = Group::builder()
        .name("patient")
        .warn_after(Duration::MAX)
        .open();
    let endless = patient.spawn(pending::<()>());
    let mut waiting = Box::pin(patient.join());
    assert!(poll!(&mut waiting).is_pending());
    let group = Group::builder()
        .name("after_the_patient")
        .warn_after(Duration::from_millis(5))
        .open();
    let task = group.spawn(pending::<()>());
    let joined = tokio::spawn(group.join());
    tokio::task::spawn_blocking(|| log.wait_for(1, stuck("after_the_patient")))
        .await
        .unwrap();
    // It has looked at the patient one in the same round.
    tokio::task::spawn_blocking(|| log.wait_for(2, stuck("after_the_patient")))
        .await
        .unwrap();
    task.abort();
    endless.abort();
    joined.await.unwrap().unwrap();
    waiting.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn paused_time_with_a_blocking_child_neither_runs_away_nor_silences_the_watchdog() {
    static FUNCTION: GroupId = GroupId::new("paused");
    let log = Log::global();
    let start = tokio::time::Instant::now();
    let (release, released) = mpsc::channel::<()>();
    let options = Options::new()
        .warn_after(Duration::from_millis(5))
        .deadline(Duration::from_secs(3600));
    let waiting = std::thread::spawn(|| {
        log.wait_for(1, stuck("paused"));
        drop(release);
    });
    let outcome = group!(FUNCTION -> Result<u8, Error>, options, async move {
        common::launch_blocking!("blocking", move || {
            let _ = released.recv();
        });
        Ok(1)
    });
    // Tokio does not advance a paused clock under a blocking task, and the watchdog needs no clock of tokio's.
    assert_eq!(outcome.await, Ok(1));
    assert_eq!(start.elapsed(), Duration::ZERO);
    waiting.join().unwrap();
}

#[test]
fn a_task_on_a_runtime_that_nobody_drives_is_waited_for_and_named() {
    static FUNCTION: GroupId = GroupId::new("undriven");
    let log = Log::global();
    let undriven = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let handle = undriven.handle().clone();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let gauge = Gauge::default();
    let alive = gauge.enter();
    let options = Options::new().warn_after(Duration::from_millis(5));
    let dropper = std::thread::spawn(move || {
        log.wait_for(1, stuck("undriven"));
        drop(undriven); // which drops the task
    });
    runtime.block_on(group!(FUNCTION, options, async move {
        let _elsewhere = handle.enter();
        launch!("nobody_drives", async move {
            let _alive = alive;
            unreachable!()
        });
    }));
    assert_eq!(gauge.now(), 0);
    dropper.join().unwrap();
    let report = log.wait_for(1, stuck("undriven")).remove(0);
    assert!(report["message"].contains("task `undriven/nobody_drives`"));
}

#[tokio::test]
async fn an_error_that_comes_after_its_group_was_dropped_is_reported() {
    static FUNCTION: GroupId = GroupId::new("gone");
    let log = Log::global();
    let (release, released) = mpsc::channel::<()>();
    let (started, running) = oneshot::channel();
    let mut group = Box::pin(group!(FUNCTION -> Result<(), Error>, async move {
        let slow = move || {
            started.send(()).unwrap();
            let _ = released.recv();
            Err::<(), _>("too late for anybody")
        };
        let slot: Slot<_, _> = Slot::new();
        let site = const { &Site::in_group("slow", &FUNCTION, 0) };
        rejoin::__private::launch_blocking(site, slot, slow);
        common::taken!(slot);
        Ok(())
    }));
    assert!(poll!(&mut group).is_pending());
    running.await.unwrap();
    drop(group);
    drop(release);
    let reported =
        |report: &Report| report["kind"] == "error" && report["message"] == "too late for anybody";
    let report = tokio::task::spawn_blocking(move || log.wait_for(1, reported));
    assert_eq!(report.await.unwrap()[0]["path"], "gone/slow");
}

/// Nothing is alive in it; without a word, nobody would know what the function waits for.
#[tokio::test]
async fn a_group_that_nobody_joins_is_named_to_whoever_waits_for_it() {
    static FUNCTION: GroupId = GroupId::new("waits_for_a_group");
    let log = Log::global();
    let (keep, kept) = oneshot::channel();
    let options = Options::new().warn_after(Duration::from_millis(5));
    let waiting = tokio::spawn(group!(FUNCTION, options, async move {
        assert!(keep.send(Group::builder().name("kept").open()).is_ok());
    }));
    let kept = kept.await.unwrap();
    let report = tokio::task::spawn_blocking(|| log.wait_for(1, stuck("waits_for_a_group")));
    let message = &report.await.unwrap()[0]["message"];
    let (_, group) = message.split_once(" for 1 task to end: ").unwrap();
    let opened = "group `waits_for_a_group/kept` opened at runtime/tests/reports.rs:";
    assert!(group.starts_with(opened), "{message}");
    drop(kept);
    waiting.await.unwrap();
}
