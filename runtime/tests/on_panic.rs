//! A handler sees every panic of the process, once, with what is known of it.

mod seen;

use std::collections::BTreeMap;
use std::panic::{catch_unwind, panic_any, resume_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, mpsc};
use std::thread;

use rejoin::{PanicKind, TaskGroup, catch, catch_sync, on_panic};
use seen::Seen;

/// Panics in a frame of rejoin's.
fn panics(f: impl FnOnce()) {
    let panic = catch_sync(f);
    assert!(panic.is_err());
}

#[tokio::test]
async fn a_panic_of_a_task_is_handed_over_with_its_task() {
    let seen = Seen::of("of a task");
    let line = line!() + 1;
    let task = rejoin::spawn(async { panic!("of a task") });
    task.await.unwrap_err();
    let report = seen.only();
    assert_eq!(report.kind(), PanicKind::Guarded);
    assert_eq!((report.task(), report.name()), (Some("task"), Some("task")));
    assert_eq!(report.spawned_at().unwrap().line(), line);
    assert_eq!(report.location().unwrap().line(), line);
    assert_eq!(report.thread(), thread::current().name());
    let shown = report.to_string();
    assert!(shown.starts_with("task `task` (spawned at "), "{shown}");
    assert!(shown.ends_with(": of a task"), "{shown}");
}

#[tokio::test]
async fn a_task_of_a_group_is_named_by_its_path() {
    let seen = Seen::of("of a group");
    let group = TaskGroup::<rejoin::PanicError>::builder()
        .name("serve")
        .open();
    group.launch(async {
        panic!("of a group");
        #[expect(unreachable_code, reason = "it says what the task would give")]
        Ok(())
    });
    assert!(group.join().await.is_err());
    let report = seen.only();
    assert_eq!(report.task(), Some("serve/task"));
    assert_eq!(report.name(), Some("task"));
}

#[test]
fn the_handler_has_run_when_the_caller_goes_on() {
    let seen = Seen::of("at once");
    panics(|| panic!("at once"));
    assert_eq!(seen.wait_for(1).len(), 1);
}

#[test]
fn a_plain_thread_is_seen() {
    let seen = Seen::of("a plain thread");
    let thread = thread::Builder::new().name("plain".to_owned());
    let thread = thread.spawn(|| panic!("a plain thread")).unwrap();
    thread.join().unwrap_err();
    let report = seen.only();
    assert_eq!(report.kind(), PanicKind::Unowned);
    assert_eq!(report.thread(), Some("plain"));
    assert_eq!((report.task(), report.spawned_at()), (None, None));
}

#[rejoin::guarded(on_panic = "unwind")]
fn lets_it_go_on(message: &str) {
    panic!("{message}");
}

#[test]
fn a_panic_that_an_annotated_function_lets_go_on_is_unowned_unless_an_owner_is_around() {
    let seen = Seen::of("goes on");
    thread::spawn(|| lets_it_go_on("goes on, to nobody"))
        .join()
        .unwrap_err();
    let panic = catch_sync(|| lets_it_go_on("goes on, to an owner")).unwrap_err();
    assert_eq!(panic.message(), "goes on, to an owner");
    seen.wait_for(2);
    let mut kinds: Vec<_> = seen
        .all()
        .iter()
        .map(|report| (report.message().to_owned(), report.kind()))
        .collect();
    kinds.sort_by(|one, other| one.0.cmp(&other.0));
    assert_eq!(
        kinds,
        [
            ("goes on, to an owner".to_owned(), PanicKind::Guarded),
            ("goes on, to nobody".to_owned(), PanicKind::Unowned),
        ]
    );
}

#[tokio::test]
async fn raw_tasks_are_seen() {
    let seen = Seen::of("raw");
    let mut set = tokio::task::JoinSet::new();
    tokio::spawn(async { panic!("raw task") })
        .await
        .unwrap_err();
    set.spawn(async { panic!("raw in a set") });
    set.spawn_blocking(|| panic!("raw and blocking"));
    while set.join_next().await.is_some() {}
    let reports = seen.wait_for(3);
    assert!(
        reports
            .iter()
            .all(|report| report.kind() == PanicKind::Unowned)
    );
    assert_eq!(seen.all().len(), 3);
}

#[test]
fn what_others_catch_is_seen() {
    let seen = Seen::of("others catch");
    let _ = catch_unwind(|| panic!("others catch, outside"));
    catch_sync(|| drop(catch_unwind(|| panic!("others catch, inside")))).unwrap();
    seen.wait_for(2);
    let kinds: BTreeMap<_, _> = seen
        .all()
        .iter()
        .map(|report| (report.message().to_owned(), report.kind().to_string()))
        .collect();
    assert_eq!(
        kinds,
        BTreeMap::from([
            ("others catch, inside".to_owned(), "caught".to_owned()),
            ("others catch, outside".to_owned(), "unowned".to_owned()),
        ])
    );
}

#[test]
fn a_payload_that_is_no_text_is_seen_too() {
    struct Odd;
    let seen = Seen::of("Box<dyn Any>");
    panics(|| panic_any(Odd));
    let here = |report: &rejoin::PanicReport| report.thread() == thread::current().name();
    assert_eq!(seen.all().iter().filter(|report| here(report)).count(), 1);
}

#[test]
fn what_is_resumed_is_not_seen_again() {
    let seen = Seen::of("resumed");
    let panic = catch_sync(|| panic!("resumed")).unwrap_err();
    let payload = catch_unwind(|| panic.resume()).unwrap_err();
    let panic = catch_sync(|| resume_unwind(payload)).unwrap_err();
    assert_eq!(panic.message(), "resumed");
    seen.only();
}

#[test]
fn a_handler_is_outside_of_the_panic() {
    let (send, receive) = mpsc::channel();
    on_panic(move |report| {
        if report.message().starts_with("is it over") {
            let _ = send.send(thread::panicking());
        }
    });
    panics(|| panic!("is it over, in a frame"));
    let _ = catch_unwind(|| panic!("is it over, outside"));
    assert_eq!(receive.recv(), Ok(false));
    assert_eq!(receive.recv(), Ok(false));
}

#[test]
fn a_handler_may_use_everything() {
    let seen = Seen::of("in a handler");
    let (send, receive) = mpsc::channel();
    on_panic(move |report| {
        if report.message() == "uses a lot" {
            let caught = catch_sync(|| panic!("in a handler, caught")).is_err();
            on_panic(|_| {});
            rejoin::flush_reports();
            let _ = send.send(caught);
        }
    });
    panics(|| panic!("uses a lot"));
    assert_eq!(receive.recv(), Ok(true));
    assert!(seen.all().is_empty(), "no handler is called by a handler");
}

/// Panics in one of the ways there are, the same for the same number.
fn panic_somehow(n: usize, runtime: &tokio::runtime::Runtime) {
    let message = format!("of many {n}");
    match n % 7 {
        0 => drop(catch_sync(|| panic!("{message}")).unwrap_err()),
        1 => drop(thread::spawn(move || panic!("{message}")).join()),
        2 => drop(runtime.block_on(tokio_task(runtime, message))),
        3 => drop(runtime.block_on(catch(async move { panic!("{message}") }))),
        4 => drop(catch_unwind(|| panic!("{message}"))),
        5 => {
            let task = async { rejoin::spawn(async move { panic!("{message}") }).await };
            runtime.block_on(task).unwrap_err();
        }
        _ => catch_sync(|| drop(catch_unwind(|| panic!("{message}")))).unwrap(),
    }
}

fn tokio_task(runtime: &tokio::runtime::Runtime, message: String) -> tokio::task::JoinHandle<()> {
    runtime.spawn(async move { panic!("{message}") })
}

#[test]
fn of_many_threads_each_panic_is_seen_once() {
    const THREADS: usize = 8;
    const EACH: usize = 35;
    let seen = Seen::of("of many");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    thread::scope(|scope| {
        for number in 0..THREADS {
            let runtime = &runtime;
            scope.spawn(move || {
                for n in 0..EACH {
                    panic_somehow(number * EACH + n, runtime);
                }
            });
        }
    });
    seen.wait_for(THREADS * EACH);
    let mut counts = BTreeMap::new();
    for report in seen.all() {
        *counts.entry(report.message().to_owned()).or_insert(0) += 1;
    }
    assert_eq!(counts.len(), THREADS * EACH);
    assert!(counts.values().all(|&count| count == 1), "{counts:?}");
}

#[test]
fn a_handler_that_is_set_meanwhile_sees_all_from_then_on_once() {
    const LATER: usize = 20;
    let barrier = Arc::new(Barrier::new(2));
    let until = Arc::clone(&barrier);
    let thread = thread::spawn(move || {
        for n in 0..200 {
            if n == 200 - LATER {
                until.wait();
            }
            panics(|| panic!("meanwhile {n}"));
        }
    });
    let seen = Seen::of("meanwhile");
    barrier.wait();
    thread.join().unwrap();
    let mut numbers: Vec<usize> = seen
        .all()
        .iter()
        .map(|report| report.message()["meanwhile ".len()..].parse().unwrap())
        .collect();
    let first = numbers[0];
    assert!(first <= 200 - LATER);
    numbers.sort_unstable();
    assert_eq!(numbers, (first..200).collect::<Vec<_>>());
}

#[test]
fn a_handler_that_blocks_holds_up_only_who_called_it() {
    let (stop, stopped) = mpsc::channel::<()>();
    let stopped = std::sync::Mutex::new(stopped);
    let (begin, begun) = mpsc::channel();
    on_panic(move |report| {
        if report.message() == "blocks" {
            let _ = begin.send(());
            let _ = stopped.lock().unwrap().recv();
        }
    });
    let seen = Seen::of("beside it");
    // The reporter tells this one.
    let _ = catch_unwind(|| panic!("blocks"));
    begun.recv().unwrap();
    panics(|| panic!("beside it, in a frame"));
    assert_eq!(seen.wait_for(1).len(), 1);
    let _ = catch_unwind(|| panic!("beside it, after it"));
    stop.send(()).unwrap();
    let reports = seen.wait_for(2);
    assert_eq!(reports[1].message(), "beside it, after it");
}

#[test]
fn as_many_handlers_as_are_set_are_called() {
    let called = Arc::new(AtomicUsize::new(0));
    for _ in 0..3 {
        let called = Arc::clone(&called);
        on_panic(move |report| {
            if report.message() == "for three" {
                called.fetch_add(1, Ordering::SeqCst);
            }
        });
    }
    panics(|| panic!("for three"));
    assert_eq!(called.load(Ordering::SeqCst), 3);
}
