//! `conc/panics`: panics as values.

use std::error::Error;
use std::io;

use rejoin::{PanicError, catch_sync};

use super::super::support::{BoxError, text};

#[test]
fn an_error_that_was_the_payload_is_the_source() {
    let panic = catch_sync(|| std::panic::panic_any(io::Error::other("SOS"))).unwrap_err();
    let source = panic.source().expect("the payload");
    assert_eq!(source.to_string(), "SOS");
    assert!(source.is::<io::Error>());

    let boxed = || std::panic::panic_any(BoxError::from("SOS"));
    let panic = catch_sync(boxed).unwrap_err();
    assert_eq!(panic.source().expect("the payload").to_string(), "SOS");
}

#[test]
fn a_text_that_was_the_payload_is_no_source() {
    let panic = catch_sync(|| panic!("definitely not an error")).unwrap_err();
    assert_eq!(panic.message(), "definitely not an error");
    assert!(panic.source().is_none());
    assert!(panic.downcast_ref::<io::Error>().is_none());
}

#[test]
fn a_panic_that_is_resumed_unwinds_with_its_payload() {
    let panic = catch_sync(|| panic!("once more")).unwrap_err();
    let payload = std::panic::catch_unwind(|| panic.resume()).unwrap_err();
    assert_eq!(text(&*payload), "once more");
}

#[test]
fn without_a_panic_there_is_the_value_and_nothing_to_resume() {
    assert_eq!(catch_sync(|| 1).unwrap(), 1);
    let as_error = || -> Result<u32, BoxError> { Ok(catch_sync(|| 1)?) };
    assert_eq!(as_error().unwrap(), 1);
}

#[test]
fn a_panic_is_an_error_like_any_other() {
    let as_error = || -> Result<(), BoxError> { Ok(catch_sync(|| panic!("oh dear!"))?) };
    let error = as_error().unwrap_err();
    let panic = error.downcast_ref::<PanicError>().unwrap();
    assert_eq!(panic.message(), "oh dear!");
    let line = format!("{}:{}", file!(), panic.location().unwrap().line());
    assert!(error.to_string().contains(&line), "{error}");
}

#[test]
fn of_a_hundred_threads_each_has_its_own() {
    let threads: Vec<_> = (0..100)
        .map(|i| std::thread::spawn(move || catch_sync(|| assert!(i % 50 != 7, "number {i}"))))
        .collect();
    let outcomes = threads.into_iter().map(|thread| thread.join().unwrap());
    let panics: Vec<_> = outcomes.filter_map(Result::err).collect();
    let messages: Vec<_> = panics.iter().map(PanicError::message).collect();
    assert_eq!(messages, ["number 7", "number 57"]);
}

#[test]
fn what_follows_a_caught_panic_runs() {
    let mut i = 0;
    let mut add = || catch_sync(std::panic::AssertUnwindSafe(|| i += 1));
    add().unwrap();
    let panic = catch_sync(|| panic!("abort!")).unwrap_err();
    add().unwrap();
    assert_eq!((i, panic.message()), (2, "abort!"));
}
