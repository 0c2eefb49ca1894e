//! Without a subscriber the reports are lines on stderr, and a process that ends has written them. Each case is a
//! process of its own: this test binary, asked for the same test, which then finds itself to be the child.

use std::process::{Command, Output, Stdio};

use rejoin::catch_sync;

/// Set for the process that a test starts.
const CHILD: &str = "REJOIN_TEST_CHILD";

fn is_child() -> bool {
    std::env::var_os(CHILD).is_some()
}

/// Runs a test again as a process of its own, and gives what it wrote to stderr.
fn run(case: &str) -> (Output, String) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args([case, "--exact", "--nocapture", "--test-threads=1"])
        .env("RUST_BACKTRACE", "0")
        .env(CHILD, "1");
    let output = command.stdin(Stdio::null()).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    (output, stderr)
}

#[test]
fn a_report_is_one_line() {
    if is_child() {
        return case_multiline();
    }
    let (output, stderr) = run("a_report_is_one_line");
    assert!(output.status.success(), "{stderr}");
    let lines: Vec<_> = stderr
        .lines()
        .filter(|line| line.starts_with("rejoin: "))
        .collect();
    assert_eq!(lines.len(), 1, "{stderr}");
    assert!(
        lines[0].starts_with("rejoin: panicked at ") && lines[0].ends_with(": two lines"),
        "{stderr}"
    );
}

fn case_multiline() {
    let _ = catch_sync(|| panic!("two\n   lines"));
}

#[test]
fn a_panic_that_nobody_guards_is_told_before_the_process_ends() {
    if is_child() {
        return case_exit();
    }
    let (output, stderr) = run("a_panic_that_nobody_guards_is_told_before_the_process_ends");
    assert_eq!(output.status.code(), Some(7), "{stderr}");
    assert!(stderr.contains("(unguarded): the last words"), "{stderr}");
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
    if is_child() {
        return case_abort();
    }
    let (output, stderr) = run("a_panic_during_unwinding_is_told_before_the_abort");
    assert!(!output.status.success());
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
    if is_child() {
        return case_backtrace();
    }
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args([
            "a_backtrace_is_taken_when_the_environment_asks",
            "--exact",
            "--nocapture",
        ])
        .env(CHILD, "1");
    for (value, expected) in [("0", "backtrace: none"), ("1", "backtrace: some")] {
        let output = command.env("RUST_BACKTRACE", value).output().unwrap();
        assert!(
            String::from_utf8_lossy(&output.stdout).contains(expected),
            "RUST_BACKTRACE={value}"
        );
    }
}

fn case_backtrace() {
    let panic = catch_sync(|| panic!("traced")).unwrap_err();
    println!(
        "backtrace: {}",
        if panic.backtrace().is_some() {
            "some"
        } else {
            "none"
        }
    );
}
