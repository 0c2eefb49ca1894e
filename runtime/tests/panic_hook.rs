//! Our hook among the hooks of others. One test: the hook belongs to the process.
#![cfg(feature = "tracing")]

mod common;

use std::panic::{self, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use common::log::Log;
use rejoin::catch_sync;

/// A hook as crash monitors install it: it counts, and calls the one before.
fn monitor() -> Arc<AtomicUsize> {
    let seen = Arc::new(AtomicUsize::new(0));
    let previous = panic::take_hook();
    panic::set_hook(Box::new({
        let seen = Arc::clone(&seen);
        move |info| {
            seen.fetch_add(1, Ordering::SeqCst);
            previous(info);
        }
    }));
    seen
}

#[test]
fn hooks_of_others_see_every_panic_and_a_replaced_one_degrades() {
    let log = Log::global();
    let before = monitor();
    let _ = catch_sync(|| "puts the hook in place");
    let after = monitor();
    let seen = || (before.load(Ordering::SeqCst), after.load(Ordering::SeqCst));

    let panic = catch_sync(|| panic!("between two hooks")).unwrap_err();
    assert!(panic.location().is_some());
    assert_eq!(seen(), (1, 1), "both monitors see it, once");

    // Resuming calls no hook.
    let _ = catch_sync(|| panic.resume());
    assert_eq!(seen(), (1, 1));
    log.only("between two hooks");

    // What is caught outside is passed on to them too.
    let _ = catch_unwind(|| panic!("unowned between two hooks"));
    assert_eq!(seen(), (2, 2));
    log.wait_for_message("unowned between two hooks");

    // Somebody replaces the hook and forgets ours: what is left is what the payload tells.
    panic::set_hook(Box::new(|_| ()));
    let panic = catch_sync(|| panic!("behind our back")).unwrap_err();
    assert_eq!(
        (panic.message(), panic.location()),
        ("behind our back", None)
    );
    assert!(panic.backtrace().is_none());
    let report = log.only("behind our back");
    assert_eq!(
        (report["kind"].as_str(), report.get("location")),
        ("panic", None)
    );
    assert_eq!(seen(), (2, 2));

    // That was noticed: it is in place again, and the new one is still called.
    let panic = catch_sync(|| panic!("before their eyes")).unwrap_err();
    assert!(panic.location().is_some());
    log.only("before their eyes");

    // Whoever sets a handler, or a policy, does not have to wait for that.
    for (n, set) in [
        || rejoin::on_panic(|_| {}),
        || rejoin::set_panic_policy(rejoin::PanicPolicy::recover()),
    ]
    .iter()
    .enumerate()
    {
        panic::set_hook(Box::new(|_| ()));
        let replaced = monitor();
        set();
        let message = format!("unowned, after all {n}");
        let _ = catch_unwind(|| panic!("{message}"));
        log.wait_for_message(&message);
        assert_eq!(replaced.load(Ordering::SeqCst), 1);
    }

    // While it is there, it stays where it is: nobody sees a panic twice.
    let above = monitor();
    rejoin::on_panic(|_| {});
    let _ = catch_sync(|| panic!("still once"));
    log.only("still once");
    assert_eq!(above.load(Ordering::SeqCst), 1);
}
