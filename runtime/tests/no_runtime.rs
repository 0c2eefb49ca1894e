//! Outside any runtime, or in one without a timer: a clear panic at the caller's line, and nothing is lost by it.

mod common;

use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::time::Duration;

use common::{Gauge, GroupId, Options, Site, group, plain};
use rejoin::{PanicError, TaskGroup, catch_sync};
use tokio::runtime::Builder;

static FUNCTION: GroupId = GroupId::new("no_runtime");

/// Runs `f`, which panics, and says so in the line of the caller, which is the line that `f` is written in.
#[track_caller]
fn panics_here<T>(f: impl FnOnce() -> T) -> String {
    let here = Location::caller();
    let panic: PanicError = catch_sync(f).map(drop).unwrap_err();
    let at = panic.location().expect("our hook has seen it").to_string();
    let expected = format!("{}:{}:", here.file(), here.line());
    assert!(at.starts_with(&expected), "{at} is not in {expected}");
    panic.message().to_owned()
}

const NO_RUNTIME: &str =
    "there is no reactor running, must be called from the context of a Tokio 1.x runtime";
const SITE: &Site = &Site::new("site");

#[test]
fn every_spawn_outside_a_runtime_panics_at_the_callers_line() {
    let group = TaskGroup::<std::io::Error>::new();
    let limited = TaskGroup::<std::io::Error>::builder().limit(1).open();
    let messages = [
        panics_here(|| rejoin::spawn(async {})),
        panics_here(|| rejoin::spawn_blocking(|| ())),
        panics_here(|| rejoin::shield(async {})),
        panics_here(|| rejoin::root().spawn(async {})),
        panics_here(|| group.spawn(async {})),
        panics_here(|| group.launch(async {})),
        panics_here(|| group.try_spawn(async {}).is_ok()),
        panics_here(|| limited.try_spawn(async {}).is_ok()),
        panics_here(|| group.spawn_blocking(|| ())),
        panics_here(|| rejoin::__private::spawn(SITE, async {})),
        panics_here(|| rejoin::__private::launch(SITE, plain(), async {})),
        panics_here(|| rejoin::__private::spawn_blocking(SITE, || ())),
        panics_here(|| rejoin::__private::launch_blocking(SITE, plain(), || ())),
    ];
    for message in messages {
        assert_eq!(message, NO_RUNTIME);
    }
    assert!(group.is_empty() && limited.is_empty(), "nothing is counted");
    group.cancel();
    assert_eq!(
        panics_here(|| group.spawn(async {})),
        NO_RUNTIME,
        "cancelled or not"
    );

    let runtime = Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        group.join().await.unwrap();
        let place = limited
            .try_spawn(async { 7 })
            .ok()
            .expect("the place is free again");
        assert_eq!(place.await.unwrap(), 7);
        limited.join().await.unwrap();
    });
}

#[test]
fn a_local_spawn_outside_a_local_set_panics_as_tokios_does() {
    let runtime = Builder::new_current_thread().build().unwrap();
    let _entered = runtime.enter();
    let message = |f: fn()| catch_sync(f).unwrap_err().message().to_owned();
    let tokios = message(|| drop(tokio::task::spawn_local(async {})));
    for message in [
        message(|| drop(rejoin::spawn_local(async {}))),
        message(|| drop(rejoin::shield_local(async {}))),
        message(|| rejoin::__private::launch_local(SITE, plain(), async {})),
    ] {
        assert_eq!(message, tokios);
    }
    runtime
        .block_on(TaskGroup::<std::io::Error>::new().join())
        .unwrap();
}

#[test]
fn what_could_not_be_spawned_is_dropped() {
    let gauge = Gauge::default();
    let alive = gauge.enter();
    let spawned = catch_unwind(AssertUnwindSafe(|| {
        rejoin::spawn(async move {
            let _alive = alive;
        })
    }));
    assert!(spawned.is_err());
    assert_eq!(gauge.now(), 0);
}

#[test]
fn a_group_without_options_needs_no_runtime_until_it_spawns() {
    let outcome = futures::executor::block_on(group!(FUNCTION, async { 7 }));
    assert_eq!(outcome, 7);
    futures::executor::block_on(TaskGroup::<std::io::Error>::new().join()).unwrap();
    assert!(!rejoin::is_cancelled());
    assert_eq!(rejoin::remaining(), None);
}

#[test]
fn a_group_can_be_joined_by_another_executor() {
    let runtime = Builder::new_multi_thread()
        .worker_threads(1)
        .build()
        .unwrap();
    let _entered = runtime.enter();
    let outcome = futures::executor::block_on(group!(FUNCTION, async {
        let task = rejoin::spawn(async { 7 });
        common::launch!(common::settle());
        task.await.unwrap()
    }));
    assert_eq!(outcome, 7);
}

#[test]
fn a_deadline_or_a_grace_without_a_timer_panics_at_the_line_that_opens_the_group() {
    const SECOND: Duration = Duration::from_secs(1);
    const NO_TIMER: &str = "A Tokio 1.x context was found, but timers are disabled. Call `enable_time` on the runtime builder to enable timers.";
    let group = TaskGroup::<std::io::Error>::builder;
    let runtime = Builder::new_current_thread().build().unwrap();
    let entered = runtime.enter();
    for message in [
        panics_here(|| group().deadline(SECOND).open()),
        panics_here(|| group().grace(SECOND).open()),
        panics_here(|| group!(FUNCTION, Options::new().deadline(SECOND), async {})),
        panics_here(|| group!(FUNCTION, Options::new().grace(SECOND), async {})),
    ] {
        assert_eq!(message, NO_TIMER);
    }
    drop(entered);
    assert_eq!(panics_here(|| group().deadline(SECOND).open()), NO_RUNTIME);
    // No scope was left open by any of them.
    let runtime = Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async {
        group()
            .deadline(SECOND)
            .grace(SECOND)
            .open()
            .join()
            .await
            .unwrap();
    });
}

#[test]
fn a_token_outside_a_runtime_panics_at_the_line_that_opens_an_explicit_group() {
    let token = tokio_util::sync::CancellationToken::new();
    let builder = TaskGroup::<std::io::Error>::builder().token(token);
    assert_eq!(panics_here(|| builder.open()), NO_RUNTIME);
}

#[test]
fn a_scope_whose_opening_panics_is_not_waited_for() {
    let open = || TaskGroup::<std::io::Error>::builder();
    let runtime = Builder::new_current_thread().build().unwrap();
    let outer = group!(FUNCTION -> (), async {
        let opened = catch_sync(|| open().grace(Duration::from_secs(1)).open());
        assert!(opened.is_err(), "no timer");
        let options = Options::new().deadline(Duration::from_secs(1));
        let opened = catch_sync(|| group!(FUNCTION, options, async {}));
        assert!(opened.is_err(), "no timer");
    });
    runtime.block_on(outer);
    let outer = group!(FUNCTION -> (), async {
        let token = tokio_util::sync::CancellationToken::new();
        let opened = catch_sync(|| open().token(token).open());
        assert!(opened.is_err(), "no runtime");
    });
    futures::executor::block_on(outer);
}
