//! The README is true: each piece of Rust in it stands, to the letter, in a file that is compiled and run here, or in one
//! of `ui/readme`, with what the compiler says to it.

use std::fs::read_to_string;
use std::path::Path;

// As the README has them, which is not how rustfmt would.
#[rustfmt::skip]
mod readme {
    mod before;
    mod explicit;
    mod group;
    mod handler;
    mod limit;
    mod service;

    mod shop {
        pub(super) type Error = Box<dyn std::error::Error + Send + Sync>;

        pub(super) async fn price(_: u64) -> Result<u32, Error> { Ok(7) }
        pub(super) async fn stock(_: u64) -> Result<u32, Error> { Ok(3) }
        pub(super) async fn count_visit(_: u64) -> Result<(), std::io::Error> { Ok(()) }
    }
}

/// The text of every file in a folder with this ending.
fn files(folder: &str, end: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let files = std::fs::read_dir(folder).unwrap();
    let paths = files.map(|file| file.unwrap().path());
    let of_kind = paths.filter(|path| path.extension().is_some_and(|other| other == end));
    of_kind.map(|path| read_to_string(path).unwrap()).collect()
}

fn readme() -> String {
    read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md")).unwrap()
}

#[test]
fn every_piece_of_rust_is_compiled() {
    let compiled = [files("tests/readme", "rs"), files("ui/readme/fail", "rs")].concat();
    let readme = readme();
    let pieces: Vec<&str> = readme
        .split("```rust\n")
        .skip(1)
        .map(|rest| rest.split_once("```").unwrap().0)
        .collect();
    assert_eq!(pieces.len(), compiled.len());
    for piece in pieces {
        assert!(
            compiled.iter().any(|file| file.contains(piece)),
            "nothing compiles this: {piece}"
        );
    }
}

#[test]
fn every_answer_of_the_compiler_is_its_own() {
    let readme = readme();
    let answers = files("ui/readme/fail", "stderr");
    let errors: Vec<&str> = answers
        .iter()
        .flat_map(|answer| answer.lines())
        .filter(|line| line.starts_with("error"))
        .collect();
    assert_eq!(
        errors.len(),
        6,
        "three leaks, each at its spawn and at its exit"
    );
    for error in errors {
        assert!(readme.contains(error), "not in the README: {error}");
    }
}
