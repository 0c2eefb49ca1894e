//! Under `panic = "abort"` nothing can be caught: a panic is reported, with its task, before the process ends, and
//! everything else works. The program of `fixtures/abort` is built like that and run, once for each case.

#[path = "common/outside.rs"]
mod outside;

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::sync::LazyLock;

use outside::{Outside, manifest};

const DEPENDENCIES: &str = r#"
tokio = { version = "1", features = ["macros", "rt-multi-thread"] }
tracing = { version = "0.1", default-features = false }

[workspace]

[profile.dev]
panic = "abort"
debug = false
"#;

/// The program, built.
fn program() -> PathBuf {
    let outside = Outside::new("abort", &(manifest("abort") + DEPENDENCIES));
    outside.sources("abort", "");
    let built = outside.cargo("build").arg("--offline").output().unwrap();
    let said = String::from_utf8_lossy(&built.stderr);
    assert!(built.status.success(), "{said}");
    outside.assert_locked();
    let name = format!("abort{}", std::env::consts::EXE_SUFFIX);
    outside.target().join("debug").join(name)
}

/// Runs a case, and gives what it wrote to stderr.
fn run(case: &str) -> (Output, String) {
    static PROGRAM: LazyLock<PathBuf> = LazyLock::new(program);
    let mut command = Command::new(&*PROGRAM);
    command.arg(case).env("RUST_BACKTRACE", "0");
    let output = command.stdin(Stdio::null()).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    (output, stderr)
}

/// Runs a case that panics: the process aborts, after the hook of std has spoken. Gives the reports.
fn aborts(case: &str) -> Vec<String> {
    let (output, stderr) = run(case);
    #[cfg(unix)]
    {
        use std::os::unix::process::ExitStatusExt;
        assert_eq!(output.status.signal(), Some(6), "not SIGABRT: {stderr}");
    }
    assert!(!output.status.success(), "{stderr}");
    assert!(stderr.contains("\nthread '"), "std's own hook: {stderr}");
    let reports = stderr.lines().filter(|line| line.starts_with("rejoin: "));
    reports.map(str::to_owned).collect()
}

/// Where the only occurrence of a text in the program's source begins.
fn place(text: &str) -> String {
    let source = fs::read_to_string(outside::here("fixtures/abort/src/main.rs")).unwrap();
    let found: Vec<_> = source.match_indices(text).map(|(begin, _)| begin).collect();
    let [begin] = found[..] else {
        panic!("{text:?} is in the source {} times", found.len());
    };
    let before = &source[..begin];
    let line = before.lines().count();
    let column = before.lines().last().unwrap().chars().count() + 1;
    format!("src/main.rs:{line}:{column}")
}

#[test]
fn a_task_is_reported_by_name_and_spawn_site() {
    let (spawned, panicked) = (
        place("tokio::spawn(async { panic!(\"no such"),
        place("panic!(\"no such"),
    );
    assert_eq!(
        aborts("task"),
        [format!(
            "rejoin: task `mail` (spawned at {spawned}) panicked at {panicked}: no such address"
        )]
    );
}

#[test]
fn a_task_of_a_group_is_reported_by_name_and_spawn_site() {
    let (spawned, panicked) = (place("tokio::spawn(async move"), place("assert!(fails"));
    assert_eq!(
        aborts("group"),
        [format!(
            "rejoin: task `page` (spawned at {spawned}) panicked at {panicked}: no price"
        )]
    );
}

#[test]
fn a_blocking_task_is_reported_by_name_and_spawn_site() {
    let (spawned, panicked) = (
        place("tokio::task::spawn_blocking"),
        place("panic!(\"no picture"),
    );
    assert_eq!(
        aborts("blocking"),
        [format!(
            "rejoin: task `resize` (spawned at {spawned}) panicked at {panicked}: no picture"
        )]
    );
}

#[test]
fn a_guarded_body_is_reported() {
    let panicked = place("panic!(\"no handler");
    assert_eq!(
        aborts("body"),
        [format!("rejoin: panicked at {panicked}: no handler")]
    );
}

#[test]
fn a_panic_outside_of_every_frame_is_reported() {
    let panicked = place("panic!(\"nobody knows");
    assert_eq!(
        aborts("unowned"),
        [format!(
            "rejoin: panicked at {panicked} (unowned): nobody knows it"
        )]
    );
}

#[test]
fn a_subscriber_gets_the_event_while_the_process_lives() {
    assert_eq!(aborts("subscriber"), <[String; 0]>::default());
    let (_, stderr) = run("subscriber");
    let events: Vec<_> = stderr
        .lines()
        .filter_map(|line| line.strip_prefix("event: "))
        .collect();
    let spawned = place("tokio::spawn(async { panic!(\"no such");
    let panicked = place("panic!(\"no such");
    for field in [
        "message = no such address".to_owned(),
        "task = \"mail\"".to_owned(),
        format!("spawned_at = {spawned}"),
        format!("location = {panicked}"),
    ] {
        assert!(events.contains(&&*field), "no {field:?}: {stderr}");
    }
    let messages = events.iter().filter(|field| field.starts_with("message"));
    assert_eq!(messages.count(), 1, "{stderr}");
}

#[test]
fn what_does_not_panic_works() {
    let (output, stderr) = run("error");
    assert!(output.status.success(), "{stderr}");
    assert_eq!(output.stdout, b"no stock\n", "{stderr}");
}
