//! The demo as a program.

use rejoin_examples::demo::scenario::shutdown;
use rejoin_examples::demo::{WITH, WITHOUT};
use std::path::Path;
use std::process::{Command, Stdio};

const DEMO: &str = env!("CARGO_BIN_EXE_demo");

#[tokio::test]
async fn mails_under_way_arrive_before_the_process_ends() {
    let seen = shutdown::measure(Path::new(DEMO)).await.unwrap();

    assert_eq!(seen.without.under_way, 3);
    assert_eq!(seen.without.arrived, 0);

    assert_eq!(seen.with.under_way, 3);
    assert_eq!(seen.with.arrived, 3);
}

#[test]
fn the_demo_reports_in_plain_text_when_piped_and_drains() {
    let demo = Command::new(DEMO)
        .stdin(Stdio::null())
        .output()
        .expect("the demo starts");
    let report = String::from_utf8(demo.stdout).expect("text");
    let errors = String::from_utf8_lossy(&demo.stderr);

    assert!(demo.status.success(), "{errors}");
    assert!(!report.contains('\u{1b}'), "no colours in a pipe");
    for number in 1..=6 {
        let title = format!("\n{number}. ");
        assert!(report.contains(&title), "scenario {number} in {report}");
    }
    assert!(report.contains("1 of 1 tasks came home"), "{report}");
    assert!(!report.contains("still alive"), "{report}");
    assert_eq!(errors, "", "what is logged is in the report");
}

/// What the two files differ in is all that rejoin asks of a service.
#[test]
fn the_twins_differ_in_their_attributes_alone() {
    let code = |file: &str| -> Vec<String> {
        let is_ours = |line: &&str| {
            line.starts_with("//!")
                || line.starts_with("use rejoin::")
                || line.starts_with("#[guarded")
                || line.starts_with("#[task_group")
        };
        let theirs = file.lines().filter(|line| !is_ours(line));
        theirs.map(str::to_owned).collect()
    };
    assert_eq!(code(WITH), code(WITHOUT));
    let attributes = WITH.lines().filter(|line| line.starts_with("#["));
    let handlers = WITH.lines().filter(|line| line.starts_with("async fn"));
    assert_eq!(attributes.count(), handlers.count());
}
