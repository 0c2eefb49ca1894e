//! User code that panics where a group runs it at its end: conversions, destructors of values that nobody gets, descriptions.
//! Each panic is reported as any other, is a failure of the group, and hides no failure that came before.
#![forbid(unsafe_code)]

mod common;

use std::fmt;
use std::time::Duration;

use common::{listen, reports, wait_for_report};
use rejoin::{Errors, OnFailure, PanicError, TaskGroup, task_group};

/// Fails instead of waiting for ever.
async fn ends<T>(group: impl Future<Output = T>) -> T {
    let ended = tokio::time::timeout(Duration::from_secs(10), group).await;
    ended.expect("the panic has failed the group")
}

/// Panics with its text when it is dropped.
struct Bomb(&'static str);

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("{}", self.0);
    }
}

#[derive(Debug)]
enum Error {
    Panic(String),
    Text(&'static str),
}

impl From<PanicError> for Error {
    fn from(panic: PanicError) -> Self {
        Self::Panic(panic.message().to_owned())
    }
}

impl From<&'static str> for Error {
    fn from(text: &'static str) -> Self {
        Self::Text(text)
    }
}

/// Its conversion panics.
#[derive(Debug)]
struct Stubborn;

impl From<Stubborn> for Error {
    fn from(Stubborn: Stubborn) -> Self {
        panic!("no word for it")
    }
}

#[task_group]
async fn converts() -> Result<(), Error> {
    tokio::spawn(async { Err::<(), _>(Stubborn) });
    std::future::pending().await
}

#[tokio::test]
async fn a_conversion_that_panics_is_a_failure() {
    listen();
    let error = converts().await.unwrap_err();
    assert!(
        matches!(&error, Error::Panic(text) if text == "no word for it"),
        "{error:?}"
    );
    assert_eq!(wait_for_report("no word for it").get("kind"), "panic");
}

#[task_group(on_failure = "collect")]
async fn collects() -> Result<(), Errors<Error>> {
    tokio::spawn(async { Err::<(), _>("before") });
    tokio::spawn(async { Err::<(), _>(Stubborn) });
    tokio::spawn(async { Err::<(), _>("after") });
    Ok(())
}

#[tokio::test]
async fn a_conversion_that_panics_hides_no_other_failure() {
    let errors = collects().await.unwrap_err();
    let mut texts: Vec<_> = errors.iter().map(|error| format!("{error:?}")).collect();
    texts.sort_unstable();
    let expected = [
        "Panic(\"no word for it\")",
        "Text(\"after\")",
        "Text(\"before\")",
    ];
    assert_eq!(texts, expected);
}

#[tokio::test]
async fn nor_does_it_in_an_explicit_group() {
    let group = TaskGroup::<Error>::builder()
        .on_failure(OnFailure::Collect)
        .open();
    group.launch(async { Err::<(), _>("before") });
    group.launch(async { Err::<(), _>(Stubborn) });
    group.launch(async { Err::<(), _>("after") });
    let errors = ends(group.join_all()).await.unwrap_err();
    let texts: Vec<_> = errors.iter().map(|error| format!("{error:?}")).collect();
    let expected = [
        "Text(\"before\")",
        "Panic(\"no word for it\")",
        "Text(\"after\")",
    ];
    assert_eq!(texts, expected);
}

/// Its panics have no word.
#[derive(Debug)]
struct Deaf;

impl From<Stubborn> for Deaf {
    fn from(Stubborn: Stubborn) -> Self {
        panic!("deaf and dumb")
    }
}

#[task_group]
async fn has_no_word() -> Result<(), Deaf> {
    tokio::spawn(async { Err::<(), _>(Stubborn) });
    std::future::pending().await
}

#[tokio::test]
async fn a_conversion_that_panics_unwinds_where_the_error_has_no_word_for_a_panic() {
    let panic = tokio::spawn(has_no_word()).await.unwrap_err();
    assert_eq!(
        panic.into_panic().downcast_ref::<&str>(),
        Some(&"deaf and dumb")
    );
}

/// The conversion of its panics panics.
#[derive(Debug)]
struct Fatal;

impl From<PanicError> for Fatal {
    fn from(_: PanicError) -> Self {
        panic!("panics are too much")
    }
}

#[task_group]
async fn cannot_take_a_panic() -> Result<(), Fatal> {
    tokio::spawn(async { panic!("the first") });
    std::future::pending().await
}

#[tokio::test]
async fn a_conversion_of_a_panic_that_panics_unwinds() {
    listen();
    let panic = tokio::spawn(cannot_take_a_panic()).await.unwrap_err();
    let text = panic.into_panic();
    assert_eq!(text.downcast_ref::<&str>(), Some(&"panics are too much"));
    assert_eq!(wait_for_report("the first").get("kind"), "panic");
    let report = wait_for_report("panics are too much");
    assert_eq!(report.get("kind"), "panic");
}

impl From<&'static str> for Fatal {
    fn from(_: &'static str) -> Self {
        Self
    }
}

#[tokio::test]
async fn the_errors_that_such_a_panic_hides_in_an_explicit_group_are_reported() {
    listen();
    let group = TaskGroup::<Fatal>::builder()
        .on_failure(OnFailure::Collect)
        .open();
    group.launch(async { Err::<(), _>("hidden by what comes after") });
    group.launch(async { panic!("the second") });
    group.launch(async { Err::<(), _>("hidden by what came before") });
    let panic = tokio::spawn(ends(group.join_all())).await.unwrap_err();
    let text = panic.into_panic();
    assert_eq!(text.downcast_ref::<&str>(), Some(&"panics are too much"));
    for hidden in ["hidden by what comes after", "hidden by what came before"] {
        assert_eq!(wait_for_report(hidden).get("kind"), "error");
    }
}

#[task_group]
async fn returns_a_bomb() -> Result<Bomb, Error> {
    tokio::spawn(async {
        rejoin::cancelled().await;
        Ok::<(), Error>(())
    });
    tokio::spawn(async { Err::<(), _>("the reason") });
    Ok(Bomb("the value of the body"))
}

#[tokio::test]
async fn the_destructor_of_the_bodys_value_hides_no_failure() {
    listen();
    let error = returns_a_bomb().await.err().unwrap();
    assert!(matches!(error, Error::Text("the reason")), "{error:?}");
    assert_ne!(
        wait_for_report("the value of the body").get("kind"),
        "unowned"
    );
}

#[task_group]
async fn spawns_a_bomb() -> Result<(), Error> {
    tokio::spawn(async { Bomb("the value of a task") });
    std::future::pending().await
}

#[task_group]
async fn spawns_a_bomb_that_blocks() -> Result<(), Error> {
    tokio::task::spawn_blocking(|| Ok::<_, Error>(Bomb("the value of a closure")));
    std::future::pending().await
}

#[tokio::test]
async fn the_destructor_of_a_discarded_value_is_the_tasks() {
    listen();
    let error = ends(spawns_a_bomb()).await.unwrap_err();
    assert!(
        matches!(&error, Error::Panic(text) if text == "the value of a task"),
        "{error:?}"
    );
    let report = wait_for_report("the value of a task");
    assert_eq!(
        (report.get("kind"), report.get("task")),
        ("panic", "foreign_panics::spawns_a_bomb")
    );
    let error = ends(spawns_a_bomb_that_blocks()).await.unwrap_err();
    assert!(
        matches!(&error, Error::Panic(text) if text == "the value of a closure"),
        "{error:?}"
    );
}

/// Cannot be described.
struct Unspeakable;

impl fmt::Debug for Unspeakable {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("there are no words")
    }
}

impl From<&'static str> for Unspeakable {
    fn from(_: &'static str) -> Self {
        Self
    }
}

#[task_group]
async fn loses_an_error() -> Result<(), Unspeakable> {
    tokio::task::spawn_blocking(|| Err::<(), _>("wins"));
    // In one poll, so that the body comes to its end.
    while !rejoin::is_cancelled() {
        std::thread::yield_now();
    }
    Err(Unspeakable)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_description_that_panics_loses_only_the_description() {
    listen();
    assert!(tokio::spawn(loses_an_error()).await.unwrap().is_err());
    wait_for_report("an error whose description panicked");
    assert_ne!(wait_for_report("there are no words").get("kind"), "unowned");
    assert!(reports("a task failed whose error belongs").is_empty());
}
