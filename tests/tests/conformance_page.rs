//! The page of conformance is complete and true to the sources: `runtime/docs/conformance.md`, and a file a peer beside it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// How many guarantees the page numbers.
const GUARANTEES: usize = 51;

const ANSWERS: [&str; 4] = [
    "same",
    "different on purpose",
    "no meaning in Rust",
    "later",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn conformance() -> PathBuf {
    root().join("tests/tests/conformance")
}

/// The files below a folder that end so, in order.
fn files(folder: &Path, end: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, end));
        } else if path.extension().is_some_and(|other| other == end) {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap().to_str().unwrap().to_owned()
}

/// A row of a peer's page.
#[derive(Debug)]
struct Row {
    peer: String,
    /// Their test, or the number of a guarantee.
    key: String,
    answer: String,
    ours: Vec<String>,
    why: String,
}

impl Row {
    /// `| key | (the guarantee |) answer | tests | why |`, where the key is a name in backticks, or a number.
    fn parse(peer: &str, line: &str) -> Option<Self> {
        let line = line.strip_prefix('|')?.strip_suffix('|')?;
        let mut cells = line.split('|').map(str::trim);
        let key = cells.next()?;
        let quoted = key.strip_prefix('`').and_then(|key| key.strip_suffix('`'));
        let key = match quoted {
            Some(name) => name,
            None if key.parse::<usize>().is_ok() => {
                let guarantee = cells.next()?;
                assert!(!guarantee.is_empty(), "guarantee {key} says nothing");
                key
            }
            None => return None, // A head, or another table.
        };
        let cells: Vec<_> = cells.collect();
        let [answer, ours, why] = cells[..] else {
            panic!("not a row of three more cells, of {key} in {peer}.md: {line}");
        };
        let odd = ours.split('`').skip(1).step_by(2);
        Some(Self {
            peer: peer.to_owned(),
            key: key.to_owned(),
            answer: answer.to_owned(),
            ours: odd.map(str::to_owned).collect(),
            why: why.to_owned(),
        })
    }

    fn is_guarantee(&self) -> bool {
        self.key.parse::<usize>().is_ok()
    }
}

fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for page in files(&root().join("runtime/docs/conformance"), "md") {
        let peer = stem(&page);
        let text = fs::read_to_string(&page).unwrap();
        rows.extend(text.lines().filter_map(|line| Row::parse(&peer, line)));
    }
    rows
}

/// The tests of a source.
fn tests_of(text: &str) -> BTreeSet<String> {
    let mut tests = BTreeSet::new();
    let mut is_test = false;
    for line in text.lines().map(str::trim) {
        if line == "#[test]" || line.starts_with("#[tokio::test") {
            is_test = true;
        }
        let Some((before, after)) = line.split_once("fn ") else {
            continue;
        };
        let starts = ["", "async ", "pub(crate) ", "pub(super) "].contains(&before);
        if is_test && starts {
            tests.insert(after.split(['(', '<']).next().unwrap().to_owned());
        }
        is_test &= !starts;
    }
    tests
}

/// Our tests for conformance, as the page names them: `peer::test`, or `peer::part::test`.
fn ours() -> BTreeSet<String> {
    let mut ours = BTreeSet::new();
    for file in files(&conformance(), "rs") {
        let module = file.strip_prefix(conformance()).unwrap().with_extension("");
        let module = module.to_str().unwrap().replace('/', "::");
        let text = fs::read_to_string(&file).unwrap();
        ours.extend(
            tests_of(&text)
                .iter()
                .map(|test| format!("{module}::{test}")),
        );
    }
    ours
}

/// Whether a test is where the page says: one of `ours`, one of a file, or a file of the compiler's answers.
fn exists(test: &str, ours: &BTreeSet<String>) -> bool {
    match test.split_once(".rs::") {
        None if test.starts_with("tests/ui/") => root().join(test).is_file(),
        None => ours.contains(test),
        Some((file, name)) => {
            let text = fs::read_to_string(root().join(format!("{file}.rs")));
            text.is_ok_and(|text| tests_of(&text).contains(name))
        }
    }
}

#[test]
fn every_test_that_the_page_names_exists() {
    let ours = ours();
    let missing: Vec<_> = rows()
        .into_iter()
        .flat_map(|row| {
            row.ours
                .into_iter()
                .map(move |test| (row.key.clone(), test))
        })
        .filter(|(_, test)| !exists(test, &ours))
        .collect();
    assert!(missing.is_empty(), "not there: {missing:#?}");
}

#[test]
fn every_test_of_conformance_is_on_the_page() {
    let named: BTreeSet<_> = rows().into_iter().flat_map(|row| row.ours).collect();
    let ours = ours();
    assert!(!ours.is_empty());
    let forgotten: Vec<_> = ours.difference(&named).collect();
    assert!(forgotten.is_empty(), "in no row: {forgotten:#?}");
}

#[test]
fn every_test_of_a_peer_has_one_row() {
    let mut names = BTreeSet::new();
    for list in files(&conformance().join("names"), "txt") {
        let peer = stem(&list);
        let text = fs::read_to_string(&list).unwrap();
        for name in text.lines().filter(|line| !line.starts_with('#')) {
            let new = names.insert((peer.clone(), name.to_owned()));
            assert!(new, "twice in names/{peer}.txt: {name}");
        }
    }
    let rows = rows();
    let rows = rows.iter().filter(|row| !row.is_guarantee());
    let mut seen = BTreeSet::new();
    for row in rows {
        let new = seen.insert((row.peer.clone(), row.key.clone()));
        assert!(new, "two rows in {}.md: {}", row.peer, row.key);
    }
    let without: Vec<_> = names.difference(&seen).collect();
    assert!(without.is_empty(), "no row: {without:#?}");
    let unknown: Vec<_> = seen.difference(&names).collect();
    assert!(unknown.is_empty(), "in no list of names: {unknown:#?}");
}

#[test]
fn every_guarantee_has_one_row() {
    let rows = rows();
    let guarantees = rows.iter().filter(|row| row.is_guarantee());
    let mut numbers: Vec<usize> = guarantees.map(|row| row.key.parse().unwrap()).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=GUARANTEES).collect::<Vec<_>>());
}

#[test]
fn every_row_says_what_its_answer_asks_for() {
    for row in rows() {
        let tested = !row.ours.is_empty();
        let fits = match row.answer.as_str() {
            "same" => tested,
            "different on purpose" => tested && !row.why.is_empty(),
            "no meaning in Rust" => !tested && !row.why.is_empty(),
            "later" => !tested,
            _ => false,
        };
        assert!(fits, "{row:?}");
    }
}

#[test]
fn the_figures_of_the_introduction_are_right() {
    let mut figures: BTreeMap<(bool, String), [usize; 5]> = BTreeMap::new();
    for row in rows() {
        let of = if row.is_guarantee() {
            (false, "guarantees".to_owned())
        } else {
            (true, row.peer.clone())
        };
        let figures = figures.entry(of).or_default();
        figures[0] += 1;
        let answer = ANSWERS.iter().position(|answer| **answer == row.answer);
        figures[1 + answer.expect("one of the four answers")] += 1;
    }
    let line = |((_, of), figures): (&(bool, String), &[usize; 5])| {
        let figures = figures.map(|figure| figure.to_string()).join(" | ");
        format!("| {of} | {figures} |")
    };
    let right: Vec<_> = figures.iter().map(line).collect();
    let page = fs::read_to_string(root().join("runtime/docs/conformance.md")).unwrap();
    let (_, table) = page.split_once("|---|---|---|---|---|---|\n").unwrap();
    let given: Vec<_> = table
        .lines()
        .take_while(|line| line.starts_with('|'))
        .collect();
    let right = right.join("\n");
    assert_eq!(given.join("\n"), right, "\nthe table should be:\n{right}\n");
}

#[test]
fn every_part_is_shown_and_compiled() {
    let pages = fs::read_to_string(root().join("runtime/src/docs.rs")).unwrap();
    for page in files(&root().join("runtime/docs/conformance"), "md") {
        let line = format!(
            "#[doc = include_str!(\"../docs/conformance/{}.md\")]",
            stem(&page)
        );
        assert!(
            pages.contains(&line),
            "not in `rejoin::docs::conformance`: {line}"
        );
    }
    for file in files(&conformance(), "rs") {
        let parent = file.parent().unwrap().with_extension("rs");
        let modules = fs::read_to_string(&parent).unwrap();
        let line = format!("mod {};", stem(&file));
        let compiled = modules.lines().any(|other| other.trim() == line);
        assert!(compiled, "not in {}: {line}", parent.display());
    }
}
