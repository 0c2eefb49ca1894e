//! The clippy configuration that ships with the crate: real clippy, run with it over a workspace of three packages.
//!
//! Of `fixtures/adoption`, `before` is full of spawns that nobody owns, `after` has been annotated and forbids them, and
//! `plain` depends on nothing. In `before` a line that must be reported ends in `//~` and what is called there.

#[path = "common/outside.rs"]
mod outside;
#[path = "common/skip.rs"]
mod skip;

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::Output;
use std::sync::LazyLock;

use outside::{Outside, here, manifest};
use skip::skip;

const PACKAGES: [&str; 3] = ["before", "after", "plain"];

/// The dependencies of `before` and `after`, with all that starts tasks; `tokio_unstable` is set besides. This package has
/// the same ones, so that its build has fetched each of their dependencies.
const DEPENDENCIES: &str = r#"
tokio = { version = "1", features = ["full", "tracing"] }
tokio-util = { version = "0.7", features = ["rt", "join-map"] }
futures = { version = "0.3", features = ["thread-pool"] }
"#;

const HEADER: &str = "use of a disallowed method `";

/// What was forbidden, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    file: String,
    line: usize,
    method: String,
}

/// What clippy said of one place.
struct Report {
    place: Place,
    text: String,
}

/// An entry of the configuration.
struct Entry {
    path: String,
    reason: String,
    replacement: Option<String>,
}

fn shipped() -> PathBuf {
    here("../runtime/adopt/clippy.toml")
}

/// The entries of the shipped file, one a line.
fn entries() -> Vec<Entry> {
    let value = |line: &str, key: &str| {
        let begin = line.find(&format!("{key} = \""))? + key.len() + 4;
        let value = line[begin..].replace("\\\"", "\u{0}");
        Some(value[..value.find('"')?].replace('\u{0}', "\""))
    };
    let text = fs::read_to_string(shipped()).unwrap();
    let lines = text.lines().filter(|line| line.starts_with("    {"));
    lines
        .map(|line| Entry {
            path: value(line, "path").unwrap(),
            reason: value(line, "reason").unwrap(),
            replacement: value(line, "replacement"),
        })
        .collect()
}

/// Lays the workspace out.
fn workspace() -> Outside {
    let members = format!("[workspace]\nresolver = \"3\"\nmembers = {PACKAGES:?}\n");
    let outside = Outside::new("adoption", &members);
    outside.put("clippy.toml", &fs::read_to_string(shipped()).unwrap());
    for package in PACKAGES {
        let manifest = match package {
            "plain" => "[package]\nname = \"plain\"\nedition = \"2024\"\n".to_owned(),
            _ => manifest(package) + DEPENDENCIES,
        };
        outside.put(&format!("{package}/Cargo.toml"), &manifest);
        outside.sources(&format!("adoption/{package}"), package);
    }
    outside
}

/// Runs clippy; `None` where it is not installed.
fn clippy(args: &[&str]) -> Option<Output> {
    static WORKSPACE: LazyLock<Option<Outside>> = LazyLock::new(|| {
        let workspace = workspace();
        let version = workspace.cargo("clippy").arg("--version").output().unwrap();
        if version.status.success() {
            return Some(workspace);
        }
        skip(
            "the tests of the clippy configuration",
            "clippy is not installed (rustup component add clippy)",
            "REJOIN_REQUIRE_CLIPPY",
        );
        None
    });
    let workspace = WORKSPACE.as_ref()?;
    let mut command = workspace.cargo("clippy");
    command.env("RUSTFLAGS", "--cfg tokio_unstable");
    let output = command.arg("--offline").args(args).output().unwrap();
    workspace.assert_locked();
    Some(output)
}

/// All that clippy says of the whole workspace; `None` where it is not installed.
fn warnings() -> Option<&'static str> {
    static TEXT: LazyLock<Option<String>> = LazyLock::new(|| {
        let output = clippy(&[
            "--workspace",
            "--",
            "-A",
            "clippy::all",
            "-W",
            "clippy::disallowed_methods",
        ])?;
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{text}");
        Some(text)
    });
    TEXT.as_deref()
}

/// Takes what clippy said apart.
fn reports(text: &str) -> Vec<Report> {
    let mut reports = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let Some((_, method)) = line.split_once(HEADER) else {
            continue;
        };
        let block: Vec<&str> = lines.by_ref().take_while(|line| !line.is_empty()).collect();
        let at = block
            .first()
            .and_then(|line| line.split_once("--> "))
            .unwrap();
        let mut at = at.1.split(':');
        reports.push(Report {
            place: Place {
                file: at.next().unwrap().replace('\\', "/"),
                line: at.next().unwrap().parse().unwrap(),
                method: method.trim_end_matches('`').to_owned(),
            },
            text: block.join("\n"),
        });
    }
    reports
}

/// What the marks in the sources ask for.
fn expected() -> Vec<Place> {
    let mut expected = Vec::new();
    for package in PACKAGES {
        for file in outside::sources(&format!("adoption/{package}")) {
            let file = format!("{package}/{file}");
            let text = fs::read_to_string(here("fixtures/adoption").join(&file)).unwrap();
            for (index, line) in text.lines().enumerate() {
                // At the head of a file the mark is explained.
                let Some((code, marks)) = line.split_once("//~ ") else {
                    continue;
                };
                if code.starts_with("//!") {
                    continue;
                }
                expected.extend(marks.split_whitespace().map(|method| Place {
                    file: file.clone(),
                    line: index + 1,
                    method: method.to_owned(),
                }));
            }
        }
    }
    expected.sort();
    expected
}

#[test]
fn every_spawn_that_nobody_owns_is_reported_and_nothing_else_is() {
    let Some(warnings) = warnings() else { return };
    let mut found: Vec<Place> = reports(warnings).into_iter().map(|it| it.place).collect();
    found.sort();
    let expected = expected();
    let missed: Vec<_> = expected.iter().filter(|it| !found.contains(it)).collect();
    assert!(missed.is_empty(), "not reported: {missed:#?}");
    let false_alarms: Vec<_> = found.iter().filter(|it| !expected.contains(it)).collect();
    assert!(false_alarms.is_empty(), "reported: {false_alarms:#?}");
    assert_eq!(found, expected, "once each");
    // rejoin itself is built from its folder, so it is linted too; that is not the matter of this test.
    let lines: Vec<&str> = warnings.lines().collect();
    let others = lines.windows(2).filter(|pair| {
        let place = pair[1].trim_start().strip_prefix("--> ");
        let here = place.and_then(|place| place.split(['/', '\\']).next());
        here.is_some_and(|package| PACKAGES.contains(&package)) && !pair[0].contains(HEADER)
    });
    assert_eq!(others.collect::<Vec<_>>(), Vec::<&[&str]>::new());
}

#[test]
fn every_report_says_what_to_write_instead() {
    let Some(warnings) = warnings() else { return };
    let entries = entries();
    for Report { place, text } in reports(warnings) {
        let entry = entries
            .iter()
            .find(|entry| entry.path == place.method)
            .unwrap();
        let said = match &entry.replacement {
            Some(_) => format!("help: {}", entry.reason),
            None => format!("note: {}", entry.reason),
        };
        let after = text.split_once(&said).map(|(_, after)| after);
        let after = after.unwrap_or_else(|| panic!("{place:?} lacks {said:?}:\n{text}"));
        if let Some(replacement) = &entry.replacement {
            assert!(
                after.contains(replacement),
                "{place:?} lacks `{replacement}`:\n{text}"
            );
        }
        assert!(said.contains("rejoin"), "{said}");
    }
}

/// `allow-invalid` hides a path that is not there, and so it would a misspelled one.
#[test]
fn every_entry_names_something_that_there_is() {
    let Some(warnings) = warnings() else { return };
    let reported: BTreeSet<String> = reports(warnings)
        .into_iter()
        .map(|report| report.place.method)
        .collect();
    let listed: BTreeSet<String> = entries().into_iter().map(|entry| entry.path).collect();
    assert!(!listed.is_empty());
    assert_eq!(reported, listed);
}

#[test]
fn denied_it_ends_the_build_of_what_is_not_annotated_alone() {
    let deny = |package| {
        let deny = [
            "--",
            "-A",
            "clippy::all",
            "-D",
            "clippy::disallowed_methods",
        ];
        clippy(&[&["--package", package][..], &deny[..]].concat())
    };
    let Some((before, after)) = deny("before").zip(deny("after")) else {
        return;
    };
    assert!(!before.status.success());
    assert!(String::from_utf8_lossy(&before.stderr).contains(&format!("error: {HEADER}")));
    let said = String::from_utf8_lossy(&after.stderr);
    assert!(after.status.success(), "{said}");
}

#[test]
fn the_page_on_adoption_quotes_what_clippy_says() {
    let page = fs::read_to_string(here("../runtime/docs/adopting.md")).unwrap();
    let entries = entries();
    let spawn = entries.iter().find(|entry| entry.path == "tokio::spawn");
    let said = format!("\nhelp: {}\n", spawn.unwrap().reason);
    assert!(page.contains(&said), "{said}");
}
