//! Every panic is reported once, as what it was.
#![cfg(feature = "tracing")]

mod child;
mod common;

use std::panic::{catch_unwind, panic_any, resume_unwind};
use std::sync::mpsc;
use std::thread;

use child::{is_child, run};
use common::log::Log;
use rejoin::{PanicError, catch, catch_sync};

#[test]
fn a_caught_panic_is_reported_with_what_is_known() {
    let log = Log::global();
    let panic = catch_sync(|| panic!("known")).unwrap_err();
    let report = log.only("known");
    assert_eq!(report["kind"], "panic");
    assert_eq!(report["location"], panic.location().unwrap().to_string());
    assert_eq!(
        report["thread"],
        "a_caught_panic_is_reported_with_what_is_known"
    );
    assert_eq!(report.get("task"), None);
}

/// Which the environment decides, so it takes a process.
#[test]
fn an_event_has_the_backtrace_that_was_asked_for() {
    const CASE: &str = "an_event_has_the_backtrace_that_was_asked_for";
    if is_child() {
        let log = Log::global();
        let _ = catch_sync(|| panic!("traced"));
        let report = log.only("traced");
        let trace = report.get("backtrace");
        let is_here = trace.map(|trace| trace.contains("panic_reports::"));
        eprintln!("here: {is_here:?}");
        return;
    }
    for (value, here) in [("0", "None"), ("1", "Some(true)")] {
        let ended = run(CASE, &[("RUST_BACKTRACE", value)]);
        ended.succeeded().line(&format!("here: {here}"));
    }
}

#[test]
fn it_is_reported_before_the_caller_goes_on() {
    let log = Log::global();
    let _ = catch_sync(|| panic!("at once")).map_err(|_| log.only("at once"));
}

#[test]
fn a_panic_through_nested_frames_is_reported_once() {
    let log = Log::global();
    let _ = catch_sync(|| {
        catch_sync(|| panic!("nested")).unwrap_or_else(|panic: PanicError| panic.resume())
    });
    assert_eq!(log.only("nested")["kind"], "panic");
}

#[test]
fn a_panic_that_is_raised_again_from_its_payload_is_reported_once() {
    let log = Log::global();
    let payload = catch_sync(|| panic!("by payload"))
        .unwrap_err()
        .into_payload();
    let _ = catch_sync(|| resume_unwind(payload));
    log.only("by payload");
}

#[tokio::test]
async fn a_panic_that_goes_through_a_join_error_is_reported_once() {
    let log = Log::global();
    let task = tokio::spawn(async {
        catch(async { panic!("by join error") })
            .await
            .unwrap_or_else(|panic| panic.resume())
    });
    let task = catch(async { resume_unwind(task.await.unwrap_err().into_panic()) });
    assert!(task.await.unwrap_err().location().is_some());
    log.only("by join error");
}

#[tokio::test]
async fn a_panic_of_an_unowned_task_that_is_resumed_in_a_frame_is_reported_once() {
    let log = Log::global();
    let _ = catch_sync(|| "puts the hook in place");
    let error = tokio::spawn(async { panic!("unowned, then met") })
        .await
        .unwrap_err();
    let panic = catch_sync(|| resume_unwind(error.into_panic())).unwrap_err();
    assert!(panic.location().is_some());
    assert_eq!(log.wait_for_message("unowned, then met")["kind"], "unowned");
}

#[test]
fn what_others_catch_inside_a_frame_is_reported_as_caught() {
    let log = Log::global();
    catch_sync(|| {
        let _ = catch_unwind(|| panic!("caught by the user"));
    })
    .unwrap();
    assert_eq!(log.only("caught by the user")["kind"], "caught");
}

#[test]
fn what_others_catch_before_another_panic_is_reported_beside_it() {
    let log = Log::global();
    let _ = catch_sync(|| {
        let _ = catch_unwind(|| panic!("the first, caught"));
        panic!("the second");
    });
    assert_eq!(log.only("the first, caught")["kind"], "caught");
    assert_eq!(log.only("the second")["kind"], "panic");
}

#[test]
fn many_caught_in_one_frame_are_all_reported() {
    let log = Log::global();
    catch_sync(|| {
        for n in 0..200 {
            let _ = catch_unwind(|| panic!("many {n}"));
        }
    })
    .unwrap();
    for n in 0..200 {
        assert_eq!(log.wait_for_message(&format!("many {n}"))["kind"], "caught");
    }
}

#[test]
fn what_others_catch_in_a_frame_that_goes_on_is_reported_before_it_ends() {
    let log = Log::global();
    catch_sync(|| {
        let _ = catch_unwind(|| panic!("in a long frame"));
        assert_eq!(log.wait_for_message("in a long frame")["kind"], "caught");
    })
    .unwrap();
    log.only("in a long frame");
}

#[test]
fn a_panic_whose_unwinding_takes_long_is_reported_once() {
    struct Slow;
    impl Drop for Slow {
        fn drop(&mut self) {
            Log::global().wait_for_message("slow to unwind");
        }
    }
    let log = Log::global();
    let panic = catch_sync(|| {
        let _slow = Slow;
        panic!("slow to unwind");
    });
    let panic: PanicError = panic.unwrap_err();
    assert!(panic.location().is_some());
    log.only("slow to unwind");
}

#[tokio::test]
async fn a_panic_of_a_task_names_the_task_and_its_spawn() {
    let log = Log::global();
    let line = line!() + 1;
    let task = rejoin::spawn(async { panic!("in a task") });
    let panic = PanicError::from_join_error(task.await.unwrap_err()).unwrap();
    let spawned_at = panic.spawned_at().unwrap();
    assert_eq!((spawned_at.file(), spawned_at.line()), (file!(), line));

    let report = log.only("in a task");
    assert_eq!(report["kind"], "panic");
    assert_eq!(report["spawned_at"], spawned_at.to_string());
    assert_eq!(report["path"], panic.task().unwrap());
    let place = panic.location().unwrap();
    let shown = format!("task `{}` panicked at {place}: in a task", report["path"]);
    assert_eq!(panic.to_string(), shown);
}

#[test]
fn a_panic_outside_every_frame_is_reported_by_the_reporter() {
    let log = Log::global();
    let _ = catch_sync(|| "puts the hook in place");
    let worker = thread::Builder::new().name("lonely".to_owned());
    let worker = worker.spawn(|| panic!("nobody guards this")).unwrap();
    let report = log.wait_for_message("nobody guards this");
    assert_eq!(
        (report["kind"].as_str(), report["thread"].as_str()),
        ("unowned", "lonely")
    );
    assert!(report["location"].contains(file!()));
    assert!(worker.join().is_err());
}

#[test]
fn an_unowned_panic_reaches_the_subscriber_of_its_own_thread() {
    Log::global();
    let own = Log::default();
    let _ = catch_sync(|| "puts the hook in place");
    tracing::subscriber::with_default(own.clone(), || {
        let _ = catch_unwind(|| panic!("for one thread"));
    });
    assert_eq!(own.wait_for_message("for one thread")["kind"], "unowned");
    assert!(Log::global().of("for one thread").is_empty());
}

#[test]
fn a_payload_that_panics_when_dropped_is_reported_too() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("the payload's destructor");
        }
    }
    let log = Log::global();
    catch_sync(|| drop(catch_sync(|| panic_any(Bomb)))).unwrap();
    assert_eq!(log.only("the payload's destructor")["kind"], "caught");
}

#[test]
fn a_panic_in_a_destructor_while_the_thread_ends_is_reported_once() {
    struct AtExit(mpsc::Sender<bool>);
    impl Drop for AtExit {
        fn drop(&mut self) {
            let panic = catch_sync(|| panic!("the thread is ending")).unwrap_err();
            let _ = self.0.send(panic.message() == "the thread is ending");
        }
    }
    thread_local!(static LAST: std::cell::OnceCell<AtExit> = const { std::cell::OnceCell::new() });

    let log = Log::global();
    let (done, ended) = mpsc::channel();
    thread::spawn(move || {
        LAST.with(|last| last.set(AtExit(done)).ok());
        // Registered later, so gone earlier: the thread's records, by a panic inside a frame.
        let _ = catch_sync(|| panic!("before the end"));
    });
    assert!(ended.recv().unwrap());
    log.wait_for_message("the thread is ending");
}
