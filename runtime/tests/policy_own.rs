//! The policies of functions and groups: each counts its own panics. What ends the process is a process of its own.

mod child;

use std::future::{Future, pending};
use std::panic::catch_unwind;
use std::thread;
use std::time::Duration;

use child::{NOTHING, block_on, child, hear, is_child, run};
use rejoin::{OnFailure, PanicError, PanicPolicy, TaskGroup, guarded, task_group};

#[guarded(on_panic = "abort after 3 in 1h", name = "price")]
async fn price(n: u32) -> Result<u32, PanicError> {
    assert!(n > 100, "no price for {n}");
    Ok(n)
}

#[guarded]
async fn stock(n: u32) -> Result<u32, PanicError> {
    assert!(n > 100, "no stock of {n}");
    Ok(n)
}

#[test]
fn the_nth_panic_of_a_function_aborts_and_those_before_are_recovered_from() {
    let ended = child!(
        the_nth_panic_of_a_function_aborts_and_those_before_are_recovered_from,
        NOTHING,
        || {
            hear();
            block_on(async {
                for n in 1..=5 {
                    // Those of another function do not count.
                    drop(stock(n).await);
                    drop(stock(n).await);
                    assert_eq!(price(101).await.unwrap(), 101);
                    let error = price(n).await.unwrap_err();
                    eprintln!("answered: {}", error.message());
                }
            });
        }
    );
    let line = ended
        .aborted()
        .line("the process aborts (`on_panic = \"abort after 3 in 3600s\"` of `price`): ");
    assert!(line.ends_with(": no price for 3"), "{line}");
    ended.line("answered: no price for 1");
    ended.line("answered: no price for 2");
    assert_eq!(ended.count("answered"), 2);
    // It is reported like any other.
    ended.line("heard: no price for 3");
}

/// Every form of a function has the count around it.
#[guarded(on_panic = "abort after 2 in 1h")]
mod forms {
    use super::*;

    pub(super) fn plain(text: &str) -> usize {
        assert!(!text.is_empty(), "in plain");
        text.len()
    }

    pub(super) async fn asynchronous() -> impl Sized {
        panic!("in asynchronous")
    }

    pub(super) fn returned(call: bool) -> impl Future<Output = u8> {
        assert!(!call, "in the call");
        async { panic!("in returned") }
    }

    pub(super) async fn endless() -> ! {
        panic!("in endless")
    }

    #[allow(clippy::unused_async, reason = "it is called with two types")]
    pub(super) async fn generic<T: std::fmt::Debug>(value: T) -> T {
        panic!("in generic {value:?}")
    }

    pub(super) struct Shop;
    impl Shop {
        pub(super) fn method(&self) {
            let Self = self;
            panic!("in method");
        }
    }
}

/// Runs a case until it has panicked as often as asked; each panic comes out.
fn unwinds<T>(times: usize, case: impl Fn() -> T + std::panic::RefUnwindSafe) {
    for _ in 0..times {
        assert!(catch_unwind(|| drop(case())).is_err());
        eprintln!("it goes on");
    }
}

#[test]
fn in_a_module_each_function_has_its_own_count_and_panics_unwind() {
    let ended = child!(
        in_a_module_each_function_has_its_own_count_and_panics_unwind,
        NOTHING,
        || {
            assert_eq!(forms::plain("four"), 4);
            unwinds(1, || forms::plain(""));
            unwinds(1, || block_on(forms::asynchronous()));
            unwinds(1, || block_on(forms::returned(false)));
            unwinds(1, || {
                block_on(async {
                    forms::endless().await;
                });
            });
            unwinds(1, || block_on(forms::generic("text")));
            unwinds(1, || forms::Shop.method());
        }
    );
    assert_eq!(ended.succeeded().count("it goes on"), 6);
}

#[test]
fn every_form_of_a_function_aborts_with_its_nth_panic() {
    const CASE: &str = "every_form_of_a_function_aborts_with_its_nth_panic";
    const FORM: &str = "REJOIN_TEST_FORM";
    if is_child() {
        match &*std::env::var(FORM).unwrap() {
            "plain" => unwinds(2, || forms::plain("")),
            "asynchronous" => unwinds(2, || block_on(forms::asynchronous())),
            "returned" => {
                unwinds(1, || block_on(forms::returned(true)));
                unwinds(1, || block_on(forms::returned(false)));
            }
            "endless" => unwinds(2, || {
                block_on(async {
                    forms::endless().await;
                });
            }),
            "generic" => {
                unwinds(1, || block_on(forms::generic("text")));
                unwinds(1, || block_on(forms::generic(2)));
            }
            _ => unwinds(2, || forms::Shop.method()),
        }
        return;
    }
    for (form, name, message) in [
        ("plain", "plain", "in plain"),
        ("asynchronous", "asynchronous", "in asynchronous"),
        ("returned", "returned", "in returned"),
        ("endless", "endless", "in endless"),
        ("generic", "generic", "in generic 2"),
        ("method", "Shop::method", "in method"),
    ] {
        let ended = run(CASE, &[(FORM, form)]);
        let line = ended.aborted().line(&format!(
            "the process aborts (`on_panic = \"abort after 2 in 3600s\"` of `policy_own::forms::{name}`): "
        ));
        assert!(line.ends_with(message), "{line}");
        assert_eq!(ended.count("it goes on"), 1);
    }
}

#[guarded(on_panic = "recover, abort after 2 in 1h", name = "deep")]
fn deep(depth: u32) -> Result<(), PanicError> {
    match depth {
        0 => panic!("at the bottom"),
        // It goes through all of them.
        _ => deep(depth - 1).map_err(|panic| panic.resume()),
    }
}

#[test]
fn a_panic_counts_once_in_a_function_that_calls_itself() {
    let ended = child!(
        a_panic_counts_once_in_a_function_that_calls_itself,
        NOTHING,
        || {
            drop(deep(5));
            eprintln!("it goes on");
            drop(deep(5));
        }
    );
    ended.aborted().line("it goes on");
}

#[guarded(on_panic = "abort after 2 in 1h", or = |panic| panic.message().len())]
async fn measured() -> usize {
    panic!("twelve bytes")
}

#[test]
fn a_value_in_its_place_is_given_until_then() {
    let ended = child!(a_value_in_its_place_is_given_until_then, NOTHING, || {
        assert_eq!(block_on(measured()), 12);
        eprintln!("it goes on");
        block_on(measured());
    });
    ended.aborted().line("it goes on");
}

#[test]
fn a_function_is_not_milder_than_the_process() {
    let ended = child!(
        a_function_is_not_milder_than_the_process,
        [("REJOIN_ON_PANIC", "abort")],
        || drop(block_on(price(1)))
    );
    ended
        .aborted()
        .line("the process aborts (panic policy `abort`): ");
}

#[guarded(on_panic = "abort", name = "giver")]
fn giver() {
    rejoin::abort_handler()
}

#[test]
fn a_deliberate_abort_is_no_panic_of_the_function() {
    let ended = child!(
        a_deliberate_abort_is_no_panic_of_the_function,
        NOTHING,
        || assert!(
            catch_unwind(giver)
                .unwrap_err()
                .is::<rejoin::DeliberateAbort>()
        )
    );
    ended.succeeded();
}

#[guarded(on_panic = "shutdown", name = "worker")]
async fn worker() {
    panic!("out of work")
}

#[task_group(on_panic = "shutdown", on_failure = "isolate", name = "workers")]
async fn workers() {
    tokio::spawn(async { panic!("one of many") });
}

#[test]
fn a_panic_of_a_function_or_a_group_can_request_a_shutdown() {
    for which in ["worker", "workers"] {
        const CASE: &str = "a_panic_of_a_function_or_a_group_can_request_a_shutdown";
        const WHICH: &str = "REJOIN_TEST_WHICH";
        if is_child() {
            block_on(async {
                match &*std::env::var(WHICH).unwrap() {
                    "worker" => worker().await,
                    _ => workers().await,
                }
                rejoin::shutdown_requested().await;
            });
            return;
        }
        run(CASE, &[(WHICH, which)]).succeeded();
    }
}

/// An accept loop: what fails is one connection.
#[task_group(
    on_failure = "isolate",
    on_panic = "abort after 3 in 1h",
    name = "connections"
)]
async fn connections(count: u32) {
    for n in 1..=count {
        tokio::spawn(async move { panic!("connection {n}") });
        // A held one is whoever's who holds it.
        let held = tokio::spawn(async move { panic!("held {n}") });
        assert!(held.await.unwrap_err().is_panic());
    }
}

#[test]
fn the_nth_panic_of_a_group_aborts_and_those_of_held_tasks_do_not_count() {
    let ended = child!(
        the_nth_panic_of_a_group_aborts_and_those_of_held_tasks_do_not_count,
        NOTHING,
        || block_on(async {
            // The same group, opened anew.
            connections(2).await;
            eprintln!("two so far");
            connections(1).await;
            eprintln!("three");
        })
    );
    let line = ended
        .aborted()
        .line("the process aborts (`on_panic = \"abort after 3 in 3600s\"` of `connections`): ");
    assert!(line.ends_with(": connection 1"), "{line}");
    ended.line("two so far");
    assert_eq!(ended.count("three"), 0);
}

/// The panic could be its error, and it cannot come home.
#[task_group(on_panic = "abort", name = "import")]
async fn import() -> Result<(), PanicError> {
    let (runs, running) = tokio::sync::oneshot::channel();
    tokio::task::spawn_blocking(move || {
        runs.send(()).unwrap();
        loop {
            thread::park();
        }
    });
    tokio::spawn(async move {
        running.await.unwrap();
        panic!("no such table")
    });
    pending::<()>().await;
    Ok(())
}

#[test]
fn a_group_aborts_before_it_has_come_home() {
    let ended = child!(a_group_aborts_before_it_has_come_home, NOTHING, || {
        drop(block_on(import()));
    });
    let line = ended
        .aborted()
        .line("the process aborts (`on_panic = \"abort\"` of `import`): ");
    assert!(line.ends_with(": no such table"), "{line}");
}

#[task_group(on_panic = "unwind, abort after 2 in 1h", name = "bodies")]
async fn bodies() {
    panic!("in the body")
}

#[test]
fn the_body_of_a_group_counts() {
    let ended = child!(the_body_of_a_group_counts, NOTHING, || {
        unwinds(2, || block_on(bodies()));
    });
    ended.aborted().line("it goes on");
}

#[task_group(on_panic = "recover, abort if unjoined for 100ms", name = "lost")]
async fn lost() -> Result<(), PanicError> {
    let (runs, running) = tokio::sync::oneshot::channel();
    tokio::task::spawn_blocking(move || {
        runs.send(()).unwrap();
        loop {
            thread::park();
        }
    });
    running.await.unwrap();
    panic!("in a group that cannot come home")
}

#[test]
fn a_group_that_does_not_come_home_aborts_by_its_own_policy() {
    let ended = child!(
        a_group_that_does_not_come_home_aborts_by_its_own_policy,
        // The sooner of the two.
        [("REJOIN_ON_PANIC", "recover, abort if unjoined for 1h")],
        || drop(block_on(lost()))
    );
    let line = ended.aborted().line(
        "the process aborts (`on_panic = \"abort if unjoined for 100ms\"` of `lost`): \
         `lost` has not been joined 100ms after task `lost` panicked at ",
    );
    assert!(
        line.contains("; 1 task is still alive: blocking `lost` spawned at"),
        "{line}"
    );
}

#[test]
fn an_explicit_group_has_a_policy_too() {
    let ended = child!(an_explicit_group_has_a_policy_too, NOTHING, || {
        block_on(async {
            for n in 1..=3 {
                let group = TaskGroup::<PanicError>::builder()
                    .name("mirrors")
                    .on_failure(OnFailure::Isolate)
                    .on_panic(PanicPolicy::abort_after(2, Duration::from_secs(60)))
                    .open();
                drop(group.spawn(async { panic!("held") }));
                group.launch(async move { panic!("mirror {n}") });
                group.join().await.unwrap();
                eprintln!("joined");
            }
        });
    });
    let line = ended
        .aborted()
        .line("the process aborts (`on_panic = \"abort after 2 in 60s\"` of `mirrors`): ");
    assert!(line.ends_with(": mirror 2"), "{line}");
    ended.line("joined");
}
