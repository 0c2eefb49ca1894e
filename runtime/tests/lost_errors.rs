//! A discarded error reaches the function that opened the group, or is reported (G3, at run time).

mod common;

use common::log::Log;
use common::{Error, GroupId, Options, Site, Slot, group, launch_in, launch_nowhere};

static FUNCTION: GroupId = GroupId::new("opener");

#[tokio::test]
async fn an_error_is_converted_as_the_question_mark_would() {
    #[derive(Debug, PartialEq)]
    struct Wide(String);
    impl From<std::num::ParseIntError> for Wide {
        fn from(error: std::num::ParseIntError) -> Self {
            Self(error.to_string())
        }
    }
    let slot: Slot<_, _> = Slot::new();
    let outcome = rejoin::__private::task_group(
        &FUNCTION,
        Options::new(),
        async move {
            let site = const { &Site::in_group("task", &FUNCTION, 3) };
            rejoin::__private::launch(site, slot, async { "x".parse::<u8>() });
            Ok::<(), Wide>(())
        },
        |body| rejoin::__private::shape!(body),
        move |number, error| match number {
            3 => rejoin::__private::convert!(Result<(), Wide>, slot, error),
            _ => Err(error),
        },
    )
    .await;
    assert_eq!(outcome, Err(Wide("invalid digit found in string".into())));
}

#[tokio::test]
async fn an_error_type_may_be_neither_send_nor_static() {
    #[derive(Debug)]
    struct Borrowing<'a>(&'a std::cell::Cell<u8>, std::rc::Rc<str>);
    impl<'a> From<&'a std::cell::Cell<u8>> for Borrowing<'a> {
        fn from(cell: &'a std::cell::Cell<u8>) -> Self {
            Self(cell, "body".into())
        }
    }
    impl From<&'static str> for Borrowing<'_> {
        fn from(text: &'static str) -> Self {
            thread_local!(static CELL: &'static std::cell::Cell<u8> = Box::leak(Box::new(1.into())));
            Self(CELL.with(|cell| *cell), text.into())
        }
    }
    async fn function<'a>(cell: &'a std::cell::Cell<u8>, child: bool) -> Result<(), Borrowing<'a>> {
        group!(FUNCTION -> Result<(), Borrowing<'a>>, async move {
            if child {
                launch_in!(FUNCTION, async {
                    Err::<(), _>("child")
                });
            } else {
                Err(cell)?;
            }
            Ok(())
        })
        .await
    }
    let cell = std::cell::Cell::new(3);
    let error = function(&cell, true).await.unwrap_err();
    assert_eq!((&*error.1, error.0.get()), ("child", 1));
    let error = function(&cell, false).await.unwrap_err();
    assert_eq!((&*error.1, error.0.get()), ("body", 3));
}

#[tokio::test]
async fn an_error_of_a_helpers_spawn_is_reported_by_the_group_of_its_caller() {
    static HELPER: GroupId = GroupId::new("helper");
    // The helper is a task group function itself elsewhere, with the same error type: still another function.
    fn helper() {
        launch_in!(HELPER, async { Err::<(), _>("lost") });
    }
    let (log, _guard) = Log::here();
    let outcome = group!(FUNCTION -> Result<u8, Error>, async {
        helper();
        common::settle().await;
        assert!(!rejoin::is_cancelled());
        Ok(1)
    })
    .await;
    assert_eq!(outcome, Ok(1));
    let reports = log.all();
    assert_eq!(log.lines(), ["error: lost"]);
    assert_eq!(reports[0]["path"], "opener/task");
    assert!(reports[0]["spawned_at"].contains("lost_errors.rs:"));
}

#[tokio::test]
async fn an_error_of_another_function_with_another_type_is_reported() {
    static HELPER: GroupId = GroupId::new("helper");
    let (log, _guard) = Log::here();
    let outcome = group!(FUNCTION -> Result<u8, Error>, async {
        launch_in!(HELPER, async { Err::<(), _>("other") });
        Ok(1)
    })
    .await;
    assert_eq!(outcome, Ok(1));
    assert_eq!(log.lines(), ["error: other"]);
}

/// All instances of a generic function share its identity; the type of the slot tells whose error it is.
#[tokio::test]
async fn an_error_of_another_instance_is_reported_and_nothing_is_lost() {
    async fn instance<E: From<&'static str>>(
        body: impl Future<Output = Result<u8, E>>,
    ) -> Result<u8, E> {
        group!(FUNCTION -> Result<u8, E>, body).await
    }
    let (log, _guard) = Log::here();
    let outcome = instance::<Error>(async {
        launch_in!(FUNCTION, async { Err::<(), u32>(7) });
        Ok(1)
    });
    assert_eq!(outcome.await, Ok(1));
    assert_eq!(log.lines(), ["error: 7"]);
    let outcome = instance::<Error>(async {
        launch_in!(FUNCTION, async { Err::<(), u32>(8) });
        std::future::pending().await
    });
    let text = "a task failed whose error belongs to another instance of `opener`: 8";
    assert_eq!(common::panic_of(outcome).await, text);
    assert_eq!(log.lines(), ["error: 7", "error: 8"]);
}

#[tokio::test]
async fn a_nested_group_of_the_same_function_takes_only_its_own() {
    // A function that calls itself: the error belongs to the call whose task it is.
    fn recursive(depth: u8) -> std::pin::Pin<Box<dyn Future<Output = Result<u8, Error>>>> {
        Box::pin(group!(FUNCTION -> Result<u8, Error>, async move {
            if depth > 0 {
                let inner = recursive(depth - 1).await;
                assert_eq!(inner, Err(Error::Text("innermost")));
                return Ok(depth);
            }
            launch_in!(FUNCTION, async { Err::<(), _>("innermost") });
            Ok(0)
        }))
    }
    assert_eq!(recursive(1).await, Ok(1));
}

#[tokio::test]
async fn an_error_under_the_root_is_reported() {
    let (log, _guard) = Log::here();
    launch_nowhere!(async { Err::<(), _>("homeless") });
    while log.lines().is_empty() {
        tokio::task::yield_now().await;
    }
    assert_eq!(log.lines(), ["error: homeless"]);
    assert!(!rejoin::is_cancelled(), "the root never fails");
}

#[tokio::test]
async fn an_error_is_reported_by_display_else_debug_else_its_type() {
    #[derive(Debug)]
    struct OnlyDebug;
    struct Opaque;
    struct Both;
    impl std::fmt::Display for Both {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("displayed")
        }
    }
    impl std::fmt::Debug for Both {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("debugged")
        }
    }
    let (log, _guard) = Log::here();
    let isolate = Options::new().isolate();
    group!(FUNCTION, isolate, async {
        launch_nowhere!(async { Err::<(), _>(Both) });
        launch_nowhere!(async { Err::<(), _>(OnlyDebug) });
        launch_nowhere!(async { Err::<(), _>(Opaque) });
    })
    .await;
    let lines = log.lines();
    assert_eq!(lines[..2], ["error: displayed", "error: OnlyDebug"]);
    assert!(lines[2].ends_with("::Opaque"), "{lines:?}");
}

#[tokio::test]
async fn a_discarded_panic_fails_the_nearest_group_whoever_spawned_it() {
    fn helper() {
        common::launch!(async { panic!("of a helper") });
    }
    let outcome = group!(FUNCTION -> Result<(), Error>, async {
        helper();
        std::future::pending().await
    })
    .await;
    assert_eq!(outcome, Err(Error::Panic("of a helper".into())));
}

#[tokio::test]
async fn an_error_whose_description_panics_is_reported_all_the_same() {
    struct Rude;
    impl std::fmt::Display for Rude {
        fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            panic!("no description")
        }
    }
    let (log, _guard) = Log::here();
    group!(FUNCTION, async {
        launch_nowhere!(async { Err::<(), _>(Rude) });
    })
    .await;
    let lines = log.lines();
    assert!(
        lines.contains(&"error: an error whose description panicked".into()),
        "{lines:?}"
    );
}
