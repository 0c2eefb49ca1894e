//! A handler that panics itself. One test: the hook belongs to the process.

mod seen;

use std::panic;
use std::sync::{Arc, Mutex};

use rejoin::{catch_sync, on_panic};
use seen::Seen;

#[test]
fn a_handler_that_panics_is_contained_and_the_hook_before_sees_it() {
    let hooked = Arc::new(Mutex::new(Vec::new()));
    let in_hook = Arc::clone(&hooked);
    panic::set_hook(Box::new(move |info| {
        let message = info.payload_as_str().unwrap_or_default().to_owned();
        in_hook.lock().unwrap().push(message);
    }));
    on_panic(|report| panic!("the handler, told of {:?}", report.message()));
    let seen = Seen::of("");

    // In a frame, then on the reporter's thread.
    let panic = catch_sync(|| panic!("in a frame")).unwrap_err();
    assert_eq!(panic.message(), "in a frame");
    let _ = panic::catch_unwind(|| panic!("outside"));

    let reports = seen.wait_for(2);
    let messages: Vec<_> = reports.iter().map(rejoin::PanicReport::message).collect();
    assert_eq!(
        messages,
        ["in a frame", "outside"],
        "the next handler is called"
    );
    assert_eq!(seen.all().len(), 2, "and not with the handler's own panic");
    // The reporter may be faster than the hook.
    let mut hooked = hooked.lock().unwrap();
    hooked.sort_unstable();
    assert_eq!(
        *hooked,
        [
            "in a frame",
            "outside",
            "the handler, told of \"in a frame\"",
            "the handler, told of \"outside\"",
        ]
    );
}
