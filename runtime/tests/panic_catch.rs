//! `catch`, `catch_sync` and `PanicError`, as their users see them.

use std::error::Error;
use std::future::{Future, pending, poll_fn};
use std::panic::{self, catch_unwind, panic_any, resume_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

use rejoin::{PanicError, catch, catch_sync};

/// Runs a closure that is expected to panic.
#[track_caller]
fn panic_of<T>(f: impl FnOnce() -> T) -> PanicError {
    catch_sync(f).err().expect("it panics")
}

/// Counts its drops, and panics in the first.
struct PanicsOnDrop(Arc<AtomicUsize>, &'static str);

impl Drop for PanicsOnDrop {
    fn drop(&mut self) {
        let earlier = self.0.fetch_add(1, Ordering::SeqCst);
        assert!(earlier > 0, "{}", self.1);
    }
}

#[test]
fn a_value_passes_through() {
    assert_eq!(catch_sync(|| 7).unwrap(), 7);
}

#[test]
fn message_location_and_thread_are_those_of_the_panic() {
    let line = line!() + 1;
    let panic = panic_of(|| panic!("formatted {}", 7));
    assert_eq!(panic.message(), "formatted 7");
    let location = panic.location().unwrap();
    assert_eq!((location.file(), location.line()), (file!(), line));
    assert!(location.column() > 1);
    assert_eq!(
        panic.thread(),
        Some("message_location_and_thread_are_those_of_the_panic")
    );
    assert_eq!((panic.task(), panic.spawned_at().is_none()), (None, true));
}

#[test]
fn it_is_shown_on_one_line() {
    let panic = panic_of(|| assert_eq!(1, 2, "numbers"));
    let location = panic.location().unwrap();
    assert_eq!(
        panic.to_string(),
        format!(
            "panicked at {location}: assertion `left == right` failed: numbers left: 1 right: 2"
        )
    );
}

#[test]
fn its_debug_form_is_complete() {
    let text = format!("{:?}", panic_of(|| panic!("all of it")));
    for part in [
        "all of it",
        file!(),
        "task: None",
        "spawned_at: None",
        "thread: Some(",
        "backtrace: ",
    ] {
        assert!(text.contains(part), "{part} is missing in {text}");
    }
}

#[test]
fn it_is_small_and_can_go_anywhere() {
    fn anywhere<T: Error + Send + Sync + panic::UnwindSafe + panic::RefUnwindSafe + 'static>() {}
    anywhere::<PanicError>();
    assert_eq!(size_of::<Result<(), PanicError>>(), size_of::<usize>());
}

#[test]
fn it_becomes_the_usual_errors_by_question_mark() {
    fn boxed() -> Result<(), Box<dyn Error + Send + Sync>> {
        Ok(catch_sync(|| panic!("boxed"))?)
    }
    fn io() -> std::io::Result<()> {
        Ok(catch_sync(|| panic!("io"))?)
    }
    assert_eq!(
        boxed()
            .unwrap_err()
            .downcast_ref::<PanicError>()
            .unwrap()
            .message(),
        "boxed"
    );
    let io = io().unwrap_err();
    assert_eq!(io.kind(), std::io::ErrorKind::Other);
    assert_eq!(
        io.get_ref()
            .unwrap()
            .downcast_ref::<PanicError>()
            .unwrap()
            .message(),
        "io"
    );
}

#[test]
fn of_several_panics_each_has_its_own_place() {
    let (mut first, mut second) = (0, 0);
    let _ = catch_unwind(|| panic!("same text"));
    let outer = panic_of(|| {
        first = line!() + 1;
        let inner = panic_of(|| panic!("same text"));
        assert_eq!(inner.location().unwrap().line(), first);
        let _ = catch_unwind(|| panic!("same text"));
        second = line!() + 1;
        panic!("same text");
    });
    assert_eq!(outer.location().unwrap().line(), second);
}

#[test]
fn a_panic_in_a_destructor_during_unwinding_is_caught_by_the_frame_there() {
    struct Cleanup<'a>(&'a mut Option<PanicError>);
    impl Drop for Cleanup<'_> {
        fn drop(&mut self) {
            *self.0 = Some(panic_of(|| panic!("in the cleanup")));
        }
    }
    let mut inner = None;
    let outer = panic_of(|| {
        let _cleanup = Cleanup(&mut inner);
        panic!("in the body");
    });
    let inner = inner.unwrap();
    assert_eq!(
        (inner.message(), outer.message()),
        ("in the cleanup", "in the body")
    );
    assert!(inner.location().unwrap().line() < outer.location().unwrap().line());
}

#[test]
fn a_payload_that_is_not_text_comes_back_as_it_was() {
    #[derive(Debug, PartialEq)]
    struct Code(u32);
    let mut panic = panic_of(|| panic_any(Code(7)));
    assert_eq!(panic.message(), "Box<dyn Any>");
    assert!(panic.location().is_some());
    assert_eq!(panic.downcast_ref::<Code>(), Some(&Code(7)));
    assert_eq!(panic.downcast_ref::<String>(), None);
    panic.payload_mut().downcast_mut::<Code>().unwrap().0 = 8;
    assert_eq!(*panic.into_payload().downcast::<Code>().unwrap(), Code(8));
}

#[test]
fn payloads_without_text_are_told_apart_by_type() {
    let line = line!() + 2;
    let panic = panic_of(|| {
        let _ = catch_unwind(|| panic_any(1_u8)).map_err(|_| catch_unwind(|| panic_any(2_u16)));
        panic_any(3_u8);
    });
    assert_eq!(panic.location().unwrap().line(), line + 1);
}

#[test]
fn a_payload_that_panics_when_dropped_is_contained() {
    let drops = Arc::new(AtomicUsize::new(0));
    let panic = panic_of(|| panic_any(PanicsOnDrop(Arc::clone(&drops), "dropping a payload")));
    drop(panic);
    assert_eq!(drops.load(Ordering::SeqCst), 1);
}

#[test]
fn a_payload_that_panics_with_such_a_payload_when_dropped_is_contained() {
    struct Hydra;
    impl Drop for Hydra {
        fn drop(&mut self) {
            panic_any(Hydra);
        }
    }
    drop(panic_of(|| panic_any(Hydra)));
}

#[test]
fn an_error_that_was_panicked_with_is_the_source() {
    let boxed: Box<dyn Error + Send + Sync> = "boxed".into();
    assert_eq!(
        panic_of(|| panic_any(boxed)).source().unwrap().to_string(),
        "boxed"
    );
    let io = std::io::Error::other("io");
    assert_eq!(
        panic_of(|| panic_any(io)).source().unwrap().to_string(),
        "io"
    );
    assert!(panic_of(|| panic!("text")).source().is_none());
}

#[cfg(feature = "anyhow")]
#[test]
fn an_anyhow_error_that_was_panicked_with_is_the_source() {
    let error = anyhow::anyhow!("inner").context("outer");
    let panic = panic_of(|| panic_any(error));
    assert_eq!(panic.source().unwrap().to_string(), "outer");
    assert_eq!(anyhow::Error::from(panic).root_cause().to_string(), "inner");
}

#[test]
fn resuming_keeps_payload_and_record() {
    let mut line = 0;
    let outer = panic_of(|| {
        line = line!() + 1;
        let inner = panic_of(|| panic_any(String::from("kept")));
        inner.resume();
    });
    assert_eq!(outer.location().unwrap().line(), line);
    assert_eq!(*outer.into_payload().downcast::<String>().unwrap(), "kept");
}

#[test]
fn a_payload_that_was_changed_before_it_is_resumed_keeps_its_record() {
    let outer = panic_of(|| {
        let mut inner = panic_of(|| panic_any(String::from("before")));
        *inner.payload_mut().downcast_mut::<String>().unwrap() = String::from("after");
        inner.resume();
    });
    assert!(outer.location().is_some());
    assert_eq!(*outer.into_payload().downcast::<String>().unwrap(), "after");
}

#[test]
fn the_record_survives_a_thread_join() {
    let worker = std::thread::Builder::new().name("worker".to_owned());
    let worker = worker
        .spawn(|| panic_of(|| panic!("across threads")).resume())
        .unwrap();
    let panic = panic_of(|| resume_unwind(worker.join().unwrap_err()));
    assert_eq!(panic.thread(), Some("worker"));
    assert!(panic.location().is_some());
}

#[test]
fn a_panic_that_was_raised_without_the_hook_has_no_place() {
    let panic = panic_of(|| resume_unwind(Box::new("silent")));
    assert_eq!((panic.message(), panic.location()), ("silent", None));
    assert_eq!(panic.to_string(), "panicked: silent");
}

#[tokio::test]
async fn a_future_is_caught_in_whatever_poll_it_panics() {
    assert_eq!(catch(async { 7 }).await.unwrap(), 7);
    let panic = catch(async {
        tokio::task::yield_now().await;
        panic!("in the second poll");
    });
    assert_eq!(panic.await.unwrap_err().message(), "in the second poll");
}

#[test]
fn after_a_panic_the_future_is_dropped_at_once() {
    let drops = Arc::new(AtomicUsize::new(1));
    let guard = PanicsOnDrop(Arc::clone(&drops), "not the first drop");
    let mut owned = Some(guard);
    let future = poll_fn(move |_| -> Poll<()> {
        assert!(
            owned.is_none(),
            "still owned: {}",
            owned.as_mut().unwrap().1
        );
        Poll::Pending
    });
    let mut future = pin!(catch(future));
    let poll = future
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()));
    assert!(matches!(poll, Poll::Ready(Err(_))));
    assert_eq!(
        drops.load(Ordering::SeqCst),
        2,
        "dropped while the wrapper is still there"
    );
}

#[tokio::test]
async fn a_destructor_that_panics_after_a_panic_is_contained() {
    let drops = Arc::new(AtomicUsize::new(0));
    let bomb = PanicsOnDrop(Arc::clone(&drops), "in the destructor");
    let mut bomb = Some(bomb);
    let future =
        poll_fn(move |_| -> Poll<()> { panic!("in the poll {}", bomb.as_mut().unwrap().1) });
    let panic = catch(future).await.unwrap_err();
    assert_eq!(panic.message(), "in the poll in the destructor");
    assert_eq!(drops.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_destructor_that_panics_after_completion_is_the_result() {
    let drops = Arc::new(AtomicUsize::new(0));
    let mut bomb = Some(PanicsOnDrop(drops, "after completion"));
    let future = poll_fn(move |_| Poll::Ready(bomb.as_mut().map(|bomb| bomb.1)));
    assert_eq!(
        catch(future).await.unwrap_err().message(),
        "after completion"
    );
}

#[test]
fn polling_after_completion_panics_clearly() {
    let mut future = pin!(catch(async {}));
    let mut poll = || {
        future
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()))
    };
    assert!(poll().is_ready());
    let message = panic_of(|| poll().is_ready()).message().to_owned();
    assert_eq!(
        message,
        "the future of `rejoin::catch` was polled after it had completed"
    );
}

#[test]
fn dropping_a_pending_catch_drops_its_future() {
    let held = Arc::new(());
    let future = catch({
        let held = Arc::clone(&held);
        async move {
            pending::<()>().await;
            drop(held);
        }
    });
    drop(future);
    assert_eq!(Arc::strong_count(&held), 1);
}
