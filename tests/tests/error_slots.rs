//! How the error of a discarded task reaches its function: by type, in safe code, whatever lifetimes the function's error has.
#![forbid(unsafe_code)]

mod common;

use std::cell::Cell;
use std::convert::Infallible;
use std::fmt::{self, Debug};
use std::future::{Future, pending};
use std::pin::Pin;
use std::rc::Rc;

use common::{listen, wait_for_report};
use rejoin::{Errors, guarded, task_group};
use tokio::task::JoinHandle;

#[derive(Debug, PartialEq)]
struct Cause(u32);

async fn fails(code: u32) -> Result<u8, Cause> {
    tokio::task::yield_now().await;
    Err(Cause(code))
}

/// An error that borrows from the caller, and can be sent nowhere.
#[derive(Debug, PartialEq)]
struct Borrowed<'a> {
    from: &'a str,
    code: Rc<Cell<u32>>,
}

impl From<Cause> for Borrowed<'_> {
    fn from(Cause(code): Cause) -> Self {
        Self {
            from: "a task",
            code: Rc::new(Cell::new(code)),
        }
    }
}

type Alias<'a, T> = Result<T, Borrowed<'a>>;

#[task_group]
async fn borrowed<'a>(text: &'a str, own: bool) -> Result<usize, Borrowed<'a>> {
    if own {
        return Err(Borrowed {
            from: text,
            code: Rc::default(),
        });
    }
    tokio::spawn(fails(1));
    pending().await
}

#[task_group]
async fn behind_an_alias(text: &str) -> Alias<'_, &str> {
    tokio::spawn(async { fails(2).await });
    pending::<()>().await;
    Ok(text)
}

trait Serves {
    type Error;
}

impl<'a> Serves for &'a str {
    type Error = Borrowed<'a>;
}

#[task_group]
async fn in_an_associated_type(_: &str) -> Result<impl Debug, <&str as Serves>::Error> {
    tokio::spawn(fails(3));
    pending::<()>().await;
    Ok(3)
}

fn in_a_box<'a>(text: &'a str) -> Pin<Box<dyn Future<Output = Alias<'a, &'a str>> + 'a>> {
    #[task_group]
    fn boxed<'a>(text: &'a str) -> Pin<Box<dyn Future<Output = Alias<'a, &'a str>> + 'a>> {
        Box::pin(async move {
            tokio::spawn(fails(4));
            pending::<()>().await;
            Ok(text)
        })
    }
    boxed(text)
}

#[async_trait::async_trait(?Send)]
trait Handler {
    async fn handle<'a>(&self, text: &'a str) -> Result<&'a str, Borrowed<'a>>;
}

struct Server;

#[async_trait::async_trait(?Send)]
impl Handler for Server {
    #[task_group]
    async fn handle<'a>(&self, text: &'a str) -> Result<&'a str, Borrowed<'a>> {
        tokio::spawn(fails(5));
        pending::<()>().await;
        Ok(text)
    }
}

#[tokio::test]
async fn an_error_with_a_lifetime_is_made_where_the_function_returns() {
    let text = String::from("the caller");
    let of_a_task = |code| {
        Some(Borrowed {
            from: "a task",
            code: Rc::new(Cell::new(code)),
        })
    };
    assert_eq!(borrowed(&text, true).await.unwrap_err().from, "the caller");
    assert_eq!(borrowed(&text, false).await.err(), of_a_task(1));
    assert_eq!(behind_an_alias(&text).await.err(), of_a_task(2));
    assert_eq!(in_an_associated_type(&text).await.err(), of_a_task(3));
    assert_eq!(in_a_box(&text).await.err(), of_a_task(4));
    assert_eq!(Server.handle(&text).await.err(), of_a_task(5));
}

#[task_group]
async fn recursive(depth: u32) -> Result<u32, Cause> {
    if depth == 0 {
        tokio::spawn(fails(7));
        pending::<()>().await;
    }
    // The error of the innermost call is a value of the next one.
    match Box::pin(recursive(depth - 1)).await {
        Err(Cause(7)) if depth > 1 => Err(Cause(7)),
        Err(Cause(code)) => Ok(code),
        Ok(depth) => Ok(depth),
    }
}

#[tokio::test]
async fn a_function_that_calls_itself_takes_the_errors_of_its_own_tasks() {
    assert_eq!(recursive(0).await, Err(Cause(7)));
    assert_eq!(recursive(3).await, Ok(7));
}

#[task_group]
async fn generic<E, T>(task: impl Future<Output = Result<T, E>> + Send + 'static) -> Result<T, E>
where
    E: Send + 'static,
    T: Send + 'static,
{
    tokio::spawn(task);
    pending().await
}

/// The body is the caller's, and runs in the group of this function.
#[task_group]
async fn runs<E: Send + Debug + 'static, T>(
    task: Result<(), E>,
    body: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    tokio::spawn(async move { task });
    body.await
}

#[tokio::test]
async fn each_instance_of_a_generic_function_has_its_own_type() {
    struct Mute;
    let of_cause = generic::<Cause, u8>(fails(8));
    assert_eq!(of_cause.await, Err(Cause(8)));
    assert_eq!(generic(async { Err::<(), _>("text") }).await, Err("text"));
    assert!(generic(async { Err::<u8, _>(Mute) }).await.is_err());
    let inner = runs(Err("inner"), pending::<Result<(), _>>());
    let outer = runs(Ok::<_, Cause>(()), async {
        inner.await.map_err(|_| Cause(9))
    });
    assert_eq!(outer.await, Err(Cause(9)));
}

#[task_group]
async fn calls<T>(f: impl FnOnce() -> T) -> Result<T, Cause> {
    let value = f();
    tokio::task::yield_now().await;
    tokio::task::yield_now().await;
    Ok(value)
}

#[task_group]
async fn lends_a_closure() -> Result<u8, Cause> {
    // Its error is this function's, and the group that it spawns into is not.
    calls(|| {
        tokio::spawn(async { Err::<(), _>(Cause(404)) });
        4
    })
    .await
}

#[tokio::test]
async fn a_closure_called_in_the_group_of_another_function_is_reported_there() {
    listen();
    assert_eq!(lends_a_closure().await, Ok(4));
    let report = wait_for_report("Cause(404)");
    assert_eq!(report.get("kind"), "error");
}

#[task_group(on_failure = "collect")]
async fn collects(text: &str) -> Result<&str, Errors<Borrowed<'_>>> {
    tokio::spawn(async {
        tokio::spawn(fails(2));
        Err::<(), _>(Cause(1))
    });
    tokio::task::spawn_blocking(|| Err::<(), _>(Cause(3)));
    tokio::spawn(async { Ok::<_, Infallible>(()) });
    Ok(text)
}

#[tokio::test]
async fn a_group_that_collects_converts_each_error_by_the_slot_of_its_spawn() {
    let text = String::from("the caller");
    let errors = collects(&text).await.unwrap_err();
    let mut codes: Vec<_> = errors.iter().map(|error| error.code.get()).collect();
    codes.sort_unstable();
    assert_eq!(codes, [1, 2, 3]);
}

#[task_group]
async fn of_every_kind(which: u8) -> Result<(), Box<dyn std::error::Error>> {
    struct Opaque;
    impl From<Opaque> for Box<dyn std::error::Error> {
        fn from(Opaque: Opaque) -> Self {
            "opaque".into()
        }
    }
    #[derive(Debug)]
    struct Debugged;
    impl From<Debugged> for Box<dyn std::error::Error> {
        fn from(error: Debugged) -> Self {
            format!("{error:?}").into()
        }
    }
    match which {
        0 => drop(tokio::spawn(async { Err::<(), _>(fmt::Error) })),
        1 => drop(tokio::spawn(async { Err::<(), _>("displayed") })),
        2 => drop(tokio::spawn(async { Err::<(), _>(Debugged) })),
        _ => drop(tokio::spawn(async { Err::<(), _>(Opaque) })),
    }
    pending().await
}

#[tokio::test]
async fn an_error_comes_whatever_can_be_said_of_it() {
    let mut texts = Vec::new();
    for which in 0..4 {
        texts.push(of_every_kind(which).await.unwrap_err().to_string());
    }
    let format = fmt::Error.to_string();
    assert_eq!(texts, [&*format, "displayed", "Debugged", "opaque"]);
}

#[task_group(on_failure = "collect")]
async fn under_conditions() -> Result<(), Errors<Cause>> {
    #[cfg(any())]
    tokio::spawn(no_such_function());
    #[cfg(not(any()))]
    tokio::spawn(fails(1));
    let spawn = || {
        #[cfg(any())]
        {
            tokio::spawn(async { no_such_function().await });
        }
        #[cfg(not(any()))]
        tokio::spawn(async {
            #[cfg(any())]
            tokio::spawn(no_such_function());
            3_u8
        });
    };
    spawn();
    match 3 {
        #[cfg(any())]
        3 => drop(tokio::spawn(no_such_function())),
        _ => drop(tokio::spawn(fails(2))),
    }
    Ok(())
}

#[tokio::test]
async fn a_slot_is_under_the_conditions_of_its_spawn() {
    let mut errors = under_conditions().await.unwrap_err().into_vec();
    errors.sort_unstable_by_key(|Cause(code)| *code);
    assert_eq!(errors, [Cause(1), Cause(2)]);
}

#[guarded]
async fn nobody_takes() {
    tokio::spawn(async { Err::<(), _>(Cause(405)) });
    tokio::spawn(async {
        tokio::spawn(async { Err::<(), _>("from within") });
        Ok::<_, Infallible>(3)
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_that_nobody_takes_is_reported() {
    listen();
    nobody_takes().await;
    assert_eq!(wait_for_report("Cause(405)").get("kind"), "error");
    assert_eq!(wait_for_report("from within").get("kind"), "error");
}

#[guarded]
async fn nobody_takes_what_is_bound_to_its_thread() {
    tokio::task::spawn_local(async { Err::<(), Rc<str>>(Rc::from("bound to its thread")) });
}

#[tokio::test]
async fn an_error_that_is_not_send_is_reported() {
    listen();
    let local = tokio::task::LocalSet::new();
    local
        .run_until(nobody_takes_what_is_bound_to_its_thread())
        .await;
    local.await;
    wait_for_report("bound to its thread");
}

/// Expanded by hand, until the macros have a use for it.
#[tokio::test(flavor = "multi_thread")]
async fn a_discarded_spawn_in_place_of_a_handle_gives_one_that_reports_a_cancelled_task() {
    use rejoin::__private::{Site, Slot, launch_blocking_typed, launch_typed, reported};

    listen();
    let slot: Slot<_, _> = Slot::new();
    let site = const { &Site::new("typed") };
    let handle: JoinHandle<Result<(), &str>> = launch_typed(site, slot, async { Err("typed") });
    reported!(slot);
    assert!(handle.await.unwrap_err().is_cancelled());
    assert_eq!(wait_for_report("typed").get("kind"), "error");

    let slot: Slot<_, _> = Slot::new();
    let handle = launch_blocking_typed(site, slot, || Err::<u8, _>("typed too"));
    reported!(slot);
    assert!(handle.await.unwrap_err().is_cancelled());
    assert_eq!(wait_for_report("typed too").get("kind"), "error");
}
