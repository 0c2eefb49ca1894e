//! Crash monitors and pretty printers keep working: sentry and color-eyre, set before rejoin's hook and after it. They see
//! each panic once, with its backtrace, and so does rejoin. Each case is a process of its own, since a hook belongs to one.

#[path = "../../runtime/tests/child/mod.rs"]
mod child;
#[path = "../../runtime/tests/seen/mod.rs"]
mod seen;

use std::sync::Arc;
use std::thread;

use child::{Ended, is_child, run};
use rejoin::{PanicError, catch_sync};
use seen::Seen;
use sentry::protocol::Event;
use sentry::test::TestTransport;

/// What panics in [`panic_in_every_way`].
const WAYS: [&str; 6] = [
    "way: a handler",
    "way: a child of a group",
    "way: resumed and caught again",
    "way: a raw task",
    "way: a plain thread",
    "way: a worker",
];

#[rejoin::guarded]
async fn handler() -> Result<(), PanicError> {
    panic!("way: a handler")
}

#[rejoin::task_group]
async fn group() -> Result<(), PanicError> {
    tokio::spawn(async { panic!("way: a child of a group") });
    Ok(())
}

#[tokio::main]
async fn panic_in_every_way() {
    assert!(handler().await.is_err());
    assert!(group().await.is_err());
    let panic = catch_sync(|| panic!("way: resumed and caught again"));
    let again = catch_sync(|| panic.unwrap_or_else(|panic: PanicError| panic.resume()));
    assert!(again.is_err());
    assert!(
        tokio::spawn(async { panic!("way: a raw task") })
            .await
            .is_err()
    );
    assert!(
        thread::spawn(|| panic!("way: a plain thread"))
            .join()
            .is_err()
    );
    assert!(
        rejoin::spawn(async { panic!("way: a worker") })
            .await
            .is_err()
    );
}

/// Asserts that a handler of rejoin's was given each panic once, with place and backtrace.
fn assert_seen(seen: &Seen) {
    seen.wait_for(WAYS.len());
    let reports = seen.all();
    let mut messages: Vec<_> = reports.iter().map(rejoin::PanicReport::message).collect();
    let mut ways = WAYS;
    messages.sort_unstable();
    ways.sort_unstable();
    assert_eq!(messages, ways);
    for report in &reports {
        assert!(report.location().is_some(), "{report}");
        assert!(report.backtrace().is_some(), "{report}");
    }
}

/// Runs a case in a process of its own, with backtraces.
fn alone(case: &str) -> Ended {
    let ended = run(case, &[("RUST_BACKTRACE", "1")]);
    ended.succeeded();
    ended
}

/// A sentry client that keeps what it would send.
fn sentry_client() -> (sentry::ClientInitGuard, Arc<TestTransport>) {
    let transport = TestTransport::new();
    let options = sentry::ClientOptions::new()
        .dsn("https://public@sentry.invalid/1")
        .transport(Arc::clone(&transport));
    (sentry::init(options), transport)
}

#[track_caller]
fn assert_sent(transport: &TestTransport) {
    let events = transport.fetch_and_clear_events();
    let mut messages: Vec<_> = events.iter().filter_map(message).collect();
    let mut ways = WAYS;
    messages.sort_unstable();
    ways.sort_unstable();
    assert_eq!(messages, ways);
    for event in &events {
        let stack = event.exception[0].stacktrace.as_ref();
        let frames = stack.map_or(&[][..], |stack| &stack.frames);
        let here = frames
            .iter()
            .filter_map(|frame| frame.function.as_deref())
            .filter(|function| function.contains("foreign_hooks"));
        assert_ne!(here.count(), 0, "{frames:?}");
    }
}

fn message(event: &Event<'_>) -> Option<String> {
    event.exception.first()?.value.clone()
}

#[test]
fn sentry_before() {
    if !is_child() {
        alone("sentry_before");
        return;
    }
    let (_client, transport) = sentry_client();
    let seen = Seen::of("way: ");
    panic_in_every_way();
    assert_seen(&seen);
    assert_sent(&transport);
}

#[test]
fn sentry_after() {
    if !is_child() {
        alone("sentry_after");
        return;
    }
    let seen = Seen::of("way: ");
    let (_client, transport) = sentry_client();
    panic_in_every_way();
    assert_seen(&seen);
    assert_sent(&transport);
}

/// Installs color-eyre, in black and white.
fn color_eyre() {
    let hook = color_eyre::config::HookBuilder::default();
    let hook = hook.theme(color_eyre::config::Theme::new());
    hook.install().unwrap();
}

/// Asserts that color-eyre has printed each panic once, with a backtrace.
#[track_caller]
fn assert_printed(ended: &Ended) {
    assert_eq!(
        ended.count("The application panicked (crashed)."),
        WAYS.len()
    );
    assert_eq!(ended.count(" BACKTRACE "), WAYS.len(), "{}", ended.stderr);
    for way in WAYS {
        ended.line(&format!("Message:  {way}"));
    }
    assert_eq!(
        ended.count("note: run with"),
        0,
        "std's own hook is replaced"
    );
}

#[test]
fn color_eyre_before() {
    if !is_child() {
        assert_printed(&alone("color_eyre_before"));
        return;
    }
    color_eyre();
    let seen = Seen::of("way: ");
    panic_in_every_way();
    assert_seen(&seen);
}

/// It does not call the hook before it, which is rejoin's: who sets a handler afterwards has rejoin's hook back.
#[test]
fn color_eyre_after() {
    if !is_child() {
        assert_printed(&alone("color_eyre_after"));
        return;
    }
    let _ = catch_sync(|| "puts the hook in place");
    color_eyre();
    let seen = Seen::of("way: ");
    panic_in_every_way();
    assert_seen(&seen);
}

mod service {
    use std::future::pending;

    use super::seen::Seen;

    /// As most programs do it: the hook of rejoin is there before the main function begins.
    #[rejoin::main]
    pub(crate) async fn main() {
        let seen = Seen::of("way: ");
        super::color_eyre();
        tokio::task::yield_now().await;
        let panic = tokio::spawn(async { panic!("way: a task of the service") });
        let beside = tokio::spawn(pending::<()>());
        assert!(panic.await.is_err());
        beside.abort();
        let report = seen.only();
        assert_eq!(report.task(), Some("foreign_hooks::service::main"));
        assert!(report.location().is_some() && report.backtrace().is_some());
    }
}

#[test]
fn color_eyre_in_a_main_function() {
    if !is_child() {
        let ended = alone("color_eyre_in_a_main_function");
        ended.line("Message:  way: a task of the service");
        return;
    }
    service::main();
}

#[test]
fn both_and_a_policy_that_aborts() {
    if !is_child() {
        let ended = run(
            "both_and_a_policy_that_aborts",
            &[("RUST_BACKTRACE", "1"), ("REJOIN_ON_PANIC", "abort")],
        );
        ended.aborted();
        ended.line("Message:  way: the last");
        ended.line("sent: way: the last");
        ended.line("the process aborts (panic policy `abort`)");
        return;
    }
    color_eyre();
    let (_client, transport) = sentry_client();
    // What a program does that has to flush.
    rejoin::on_panic(move |_| {
        for event in transport.fetch_and_clear_events() {
            eprintln!("sent: {}", message(&event).unwrap());
        }
    });
    let _ = catch_sync(|| panic!("way: the last"));
}
