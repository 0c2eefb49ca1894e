//! What the README says that the compiler says: the messages of the files in `ui/readme/fail`, to the letter.

use std::path::Path;

#[test]
fn the_leaks_in_the_readme_get_the_answers_that_it_shows() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = std::fs::read_to_string(root.join("../README.md")).unwrap();
    let mut shown = 0;
    for file in std::fs::read_dir(root.join("ui/readme/fail")).unwrap() {
        let path = file.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        if path.extension().is_some_and(|end| end == "stderr") {
            for error in text.lines().filter(|line| line.starts_with("error")) {
                assert!(readme.contains(error), "not in the README: {error}");
                shown += 1;
            }
        } else {
            let (_, function) = text.split_once("#[rejoin::must_join]").unwrap();
            let (function, _) = function.split_once("\nfn main").unwrap();
            assert!(readme.contains(function), "not in the README: {function}");
        }
    }
    assert_eq!(
        shown, 6,
        "three leaks, each told at the spawn and at the exit"
    );
}
