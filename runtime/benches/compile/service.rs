//! `cargo check` of a real service: the examples of this repository as they are, with an attribute on every function,
//! and with none.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use crate::workshop::{Workshop, median, repository, verdict};

const ROUNDS: usize = 11;
const TARGET: f64 = 1.05;

/// What becomes of a source.
type Rewrite = fn(&str) -> String;

const TWINS: [(&str, Rewrite); 3] = [
    ("bare", bare),
    ("as_shipped", str::to_owned),
    ("everywhere", everywhere),
];

pub(crate) fn table() -> String {
    let workshop = Workshop::new("service");
    let mut sources = Vec::new();
    collect(&repository().join("examples/src"), "src", &mut sources);
    workshop.put("Cargo.toml", &workspace_manifest());
    for (name, _) in TWINS {
        workshop.put(&format!("{name}/Cargo.toml"), &package_manifest(name));
    }
    let write = |name: &str, rewrite: Rewrite| {
        for (file, text) in &sources {
            workshop.put(&format!("{name}/{file}"), &rewritten(file, text, rewrite));
        }
    };
    for (name, rewrite) in TWINS {
        write(name, rewrite);
    }
    // The first time pays for the dependencies.
    workshop
        .run("check --offline")
        .unwrap_or_else(|said| panic!("{said}"));
    let mut rounds: Vec<[f64; 3]> = Vec::new();
    for round in 0..ROUNDS {
        let mut took = [0.0; 3];
        for turn in 0..TWINS.len() {
            // Everybody is first once in a while.
            let twin = (round + turn) % TWINS.len();
            let (name, rewrite) = TWINS[twin];
            write(name, rewrite);
            let command = format!("check --offline --package {name}");
            let check = workshop
                .run(&command)
                .unwrap_or_else(|said| panic!("{said}"));
            took[twin] = check.cpu.as_secs_f64();
        }
        rounds.push(took);
    }
    let count = |rewrite: Rewrite| {
        let texts = sources
            .iter()
            .map(|(file, text)| rewritten(file, text, rewrite));
        texts
            .map(|text| text.lines().filter(|line| is_ours(line)).count())
            .sum::<usize>()
    };
    let lines: usize = sources.iter().map(|(_, text)| text.lines().count()).sum();
    let mut table = format!(
        "| `cargo check` of {lines} lines | attributes | target | of bare, median | CPU seconds, median |\n\
         |---|---|---|---|---|\n"
    );
    for (twin, (name, rewrite)) in TWINS.into_iter().enumerate() {
        let seconds = median(rounds.iter().map(|took| took[twin]));
        let ratio = median(rounds.iter().map(|took| took[twin] / took[0]));
        let target = match twin {
            2 => format!("≤ {TARGET}{}", verdict(ratio <= TARGET)),
            _ => String::new(),
        };
        let (name, attributes) = (name.replace('_', " "), count(rewrite));
        let _ = writeln!(
            table,
            "| {name} | {attributes} | {target} | {ratio:.3} | {seconds:.2} |"
        );
    }
    table
}

/// A source of a twin. Nobody annotates what a compiler has written.
fn rewritten(file: &str, text: &str, rewrite: Rewrite) -> String {
    if file.ends_with("generated.rs") {
        text.to_owned()
    } else {
        rewrite(text)
    }
}

/// The sources below a folder.
fn collect(folder: &Path, name: &str, sources: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).expect("the examples' sources") {
        let path = entry.expect("an entry of a folder").path();
        let file = path.file_name().expect("a name").to_string_lossy();
        let name = format!("{name}/{file}");
        if path.is_dir() {
            collect(&path, &name, sources);
        } else {
            sources.push((name, fs::read_to_string(&path).expect("a source file")));
        }
    }
}

/// The manifest of this workspace, for the twins.
fn workspace_manifest() -> String {
    let repository = repository();
    let text = fs::read_to_string(repository.join("Cargo.toml")).expect("a manifest");
    let members = text
        .lines()
        .find(|line| line.starts_with("members = ["))
        .expect("the members of the workspace, in one line");
    let twins = format!("members = {:?}", TWINS.map(|(name, _)| name));
    let mut text = text.replace(members, &twins);
    for package in ["runtime", "macros"] {
        let path = repository.join(package);
        text = text.replace(
            &format!("path = \"{package}\""),
            &format!("path = \"{}\"", path.display()),
        );
    }
    text
}

/// The manifest of the examples, for a twin. Its warnings would be part of what is measured.
fn package_manifest(name: &str) -> String {
    let text = fs::read_to_string(repository().join("examples/Cargo.toml")).expect("a manifest");
    let package = "name = \"rejoin-examples\"";
    let (front, _) = text.split_once("[lints]").unwrap_or((&text, ""));
    assert!(
        front.contains(package),
        "the examples have another name now"
    );
    let library = "\n[lib]\nname = \"rejoin_examples\"\n\n[lints.rust]\nwarnings = \"allow\"\n";
    front.replace(package, &format!("name = {name:?}")) + library
}

fn is_ours(line: &str) -> bool {
    let line = line.trim_start();
    ["guarded", "task_group"].iter().any(|name| {
        line.strip_prefix("#[")
            .map(|rest| rest.strip_prefix("rejoin::").unwrap_or(rest))
            .and_then(|rest| rest.strip_prefix(name))
            .is_some_and(|rest| rest.starts_with([']', '(']))
    })
}

/// Without the attributes; their lines stay.
fn bare(text: &str) -> String {
    let lines = text.lines();
    lines
        .map(|line| {
            if is_ours(line) {
                "\n".to_owned()
            } else {
                format!("{line}\n")
            }
        })
        .collect()
}

/// With an attribute before each function that has none.
fn everywhere(text: &str) -> String {
    let mut has = false;
    let mut lines = String::new();
    for line in text.lines() {
        if is_ours(line) {
            has = true;
        } else if begins_function(line) {
            let attribute = "#[rejoin::guarded(on_panic = \"unwind\")] ";
            lines.push_str(if has { "" } else { attribute });
            has = false;
        }
        lines.push_str(line);
        lines.push('\n');
    }
    lines
}

/// Whether a function begins in this line whose spawns may be rewritten.
fn begins_function(line: &str) -> bool {
    let line = line.trim_start();
    let visibilities = ["", "pub ", "pub(crate) ", "pub(super) "];
    let begins = visibilities.iter().any(|visibility| {
        line.strip_prefix(visibility).is_some_and(|rest| {
            let rest = rest.strip_prefix("async ").unwrap_or(rest);
            rest.starts_with("fn ")
        })
    });
    begins && !line.contains("fn drop(") && !line.ends_with(';')
}
