//! A hook of others that takes long: the panic has not begun to unwind. One test: the hook belongs to the process.

mod seen;

use std::panic;
use std::sync::mpsc;
use std::time::Duration;

use rejoin::{PanicKind, catch_sync};
use seen::Seen;

#[test]
fn the_time_that_other_hooks_take_does_not_make_a_panic_a_caught_one() {
    let seen = Seen::of("");
    // Longer than a panic may take to reach its frame: the reporter looks, and looks away.
    let (_never, waits) = mpsc::channel::<()>();
    let waits = std::sync::Mutex::new(waits);
    panic::set_hook(Box::new(move |_| {
        let waited = waits.lock().unwrap();
        assert!(waited.recv_timeout(Duration::from_millis(2500)).is_err());
    }));
    rejoin::on_panic(|_| {});
    let panic = catch_sync(|| panic!("at length"));
    assert!(panic.unwrap_err().location().is_some());
    assert_eq!(seen.only().kind(), PanicKind::Guarded);
}
