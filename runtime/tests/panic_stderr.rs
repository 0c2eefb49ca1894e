//! Without a subscriber the reports are lines on stderr, and a process that ends has written them. Each case is a
//! process of its own: this test binary, asked for the same test, which then finds itself to be the child.

mod child;

use child::{NOTHING, child, is_child, run};
use rejoin::catch_sync;

#[test]
fn a_report_is_one_line() {
    let ended = child!(a_report_is_one_line, NOTHING, || {
        drop(catch_sync(|| panic!("two\n   lines")));
    });
    let line = ended.succeeded().line("rejoin: ");
    assert!(
        line.starts_with("rejoin: panicked at ") && line.ends_with(": two lines"),
        "{line}"
    );
}

#[test]
fn a_panic_that_nobody_guards_is_told_before_the_process_ends() {
    let ended = child!(
        a_panic_that_nobody_guards_is_told_before_the_process_ends,
        NOTHING,
        case_exit
    );
    assert_eq!(ended.status.code(), Some(7), "{}", ended.stderr);
    ended.line("(unowned): the last words");
}

fn case_exit() {
    struct Exit;
    impl Drop for Exit {
        fn drop(&mut self) {
            std::process::exit(7);
        }
    }
    let _ = catch_sync(|| "puts the hook in place");
    // The harness gives tests a thread of their own; what makes a main thread is its name.
    let main = std::thread::Builder::new().name("main".to_owned());
    let main = main.spawn(|| {
        let _exit = Exit;
        panic!("the last words");
    });
    let _ = main.unwrap().join();
}

#[test]
fn a_panic_during_unwinding_is_told_before_the_abort() {
    let ended = child!(
        a_panic_during_unwinding_is_told_before_the_abort,
        NOTHING,
        case_abort
    );
    let stderr = &ended.aborted().stderr;
    for message in [
        "the first panic",
        "the second panic",
        "panic in a destructor during cleanup",
    ] {
        let told = stderr
            .lines()
            .filter(|line| line.starts_with("rejoin: ") && line.ends_with(message))
            .count();
        assert_eq!(told, 1, "{message}: {stderr}");
    }
}

fn case_abort() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("the second panic");
        }
    }
    let _ = catch_sync(|| {
        let _bomb = Bomb;
        panic!("the first panic");
    });
}

#[test]
fn a_backtrace_is_taken_when_the_environment_asks() {
    const CASE: &str = "a_backtrace_is_taken_when_the_environment_asks";
    if is_child() {
        let panic = catch_sync(|| panic!("traced")).unwrap_err();
        eprintln!("backtrace: {}", panic.backtrace().is_some());
        return;
    }
    for (value, taken) in [("0", false), ("1", true)] {
        run(CASE, &[("RUST_BACKTRACE", value)]).line(&format!("backtrace: {taken}"));
    }
}
