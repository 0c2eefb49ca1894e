//! An attribute adds no lint to a function, and takes none away: real clippy, with all lints of rustc's and its own, on two
//! packages of `fixtures/lints`, with the attributes (`cfg(annotated)`) and without.
//!
//! `clean` has no fault and denies them all; in `faulty` the user's own code has faults, most of which it *expects*.

#[path = "common/outside.rs"]
mod outside;

use std::collections::BTreeSet;
use std::process::Command;
use std::sync::LazyLock;

use outside::{Outside, manifest};
use serde_json::Value;

const PACKAGES: [&str; 2] = ["clean", "faulty"];

const DEPENDENCIES: &str = r#"
tokio = { version = "1", features = ["full"] }
tracing = { version = "0.1", features = ["attributes"] }
axum = { version = "0.8", default-features = false }
async-trait = "0.1"
"#;

/// Faults that an attribute mends: a guarded function cannot be `const`, and its `Result` holds a panic.
const MENDED: [&str; 2] = ["clippy::missing_const_for_fn", "clippy::unnecessary_wraps"];

/// What a lint says, and of which line.
type Said = BTreeSet<(String, u64)>;

fn workspace() -> Outside {
    let members = format!("[workspace]\nresolver = \"3\"\nmembers = {PACKAGES:?}\n");
    let outside = Outside::new("lints", &members);
    for package in PACKAGES {
        let rejoin = manifest(package).replace(" }\n", ", features = [\"axum\", \"tracing\"] }\n");
        let known = "\n[lints.rust]\nunexpected_cfgs = { level = \"warn\", check-cfg = [\"cfg(annotated)\"] }\n";
        outside.put(
            &format!("{package}/Cargo.toml"),
            &format!("{rejoin}{DEPENDENCIES}{known}"),
        );
        outside.sources(&format!("lints/{package}"), package);
    }
    outside
}

/// The lints of rustc that are allowed where nothing is said, as it lists them; one is about the manifest.
fn allowed_by_default() -> Vec<String> {
    let output = Command::new("rustc").args(["-W", "help"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let lints: Vec<String> = text
        .lines()
        .filter_map(|line| {
            let mut words = line.split_whitespace();
            let (name, level) = (words.next()?, words.next()?);
            (level == "allow").then(|| name.replace('-', "_"))
        })
        .filter(|lint| lint != "unused_crate_dependencies")
        .collect();
    assert!(lints.len() > 20, "{text}");
    lints
}

/// What clippy says of a package, and whether it compiles.
fn said(package: &str, level: &str, annotated: bool) -> (Said, bool, String) {
    static WORKSPACE: LazyLock<Outside> = LazyLock::new(workspace);
    let mut command = WORKSPACE.cargo("clippy");
    command.args([
        "--offline",
        "--message-format=json",
        "--package",
        package,
        "--",
    ]);
    // Unstable lints are unknown to a stable compiler.
    command.args(["-A", "unknown_lints"]);
    let groups =
        ["all", "pedantic", "nursery", "restriction"].map(|group| format!("clippy::{group}"));
    for lint in allowed_by_default().iter().chain(&groups) {
        command.args([level, lint]);
    }
    command.args(["-A", "clippy::blanket_clippy_restriction_lints"]);
    if annotated {
        command.args(["--cfg", "annotated"]);
    }
    let output = command.output().unwrap();
    let mut said = Said::new();
    let mut text = String::from_utf8_lossy(&output.stderr).into_owned();
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        let message: Value = serde_json::from_str(line).unwrap();
        if message["target"]["name"] != package || message["message"].is_null() {
            continue;
        }
        let message = &message["message"];
        let span = message["spans"]
            .as_array()
            .and_then(|spans| spans.iter().find(|span| span["is_primary"] == true));
        if let (Some(lint), Some(span)) = (message["code"]["code"].as_str(), span) {
            said.insert((lint.to_owned(), span["line_start"].as_u64().unwrap()));
        }
        text += message["rendered"].as_str().unwrap_or_default();
    }
    (said, output.status.success(), text)
}

#[test]
fn a_crate_that_denies_every_lint_may_be_annotated() {
    let (said, compiles, text) = said("clean", "-D", true);
    assert!(compiles && said.is_empty(), "{text}");
}

#[test]
fn an_attribute_adds_no_lint_and_takes_none_away() {
    for package in PACKAGES {
        let (bare, compiles, text) = said(package, "-W", false);
        assert!(compiles, "{text}");
        let (annotated, compiles, told) = said(package, "-W", true);
        assert!(compiles, "{told}");
        let added: Vec<_> = annotated.difference(&bare).collect();
        assert!(added.is_empty(), "{package}: {added:?}\n{told}");
        let taken: Vec<_> = bare
            .difference(&annotated)
            .filter(|(lint, _)| !MENDED.contains(&&**lint))
            .collect();
        assert!(taken.is_empty(), "{package}: {taken:?}\n{text}");
        let unfulfilled = annotated
            .iter()
            .any(|(lint, _)| lint == "unfulfilled_lint_expectations");
        assert!(!unfulfilled, "{package}: {told}");
    }
}
