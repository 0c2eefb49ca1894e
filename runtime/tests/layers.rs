//! The picture of the layers in `src/lib.rs` is true: no module imports from its own line or from one above.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The line of each module in the picture, from above.
type Layers = BTreeMap<String, usize>;

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// The picture: the lines of a comment that are indented by four spaces and more, each with modules and what they are.
fn layers(lib: &str) -> Layers {
    let mut layers = Layers::new();
    let lines = lib.lines().filter_map(|line| line.strip_prefix("//     "));
    for (depth, line) in lines.enumerate() {
        let modules = line.split("  ").next().unwrap_or_default();
        for module in modules.split_whitespace() {
            let twice = layers.insert(module.to_owned(), depth);
            assert_eq!(twice, None, "{module} is in the picture twice");
        }
    }
    layers
}

/// The modules that `lib.rs` declares; the hidden one by the name of its folder.
fn declared(lib: &str) -> Vec<String> {
    let modules = lib.lines().filter_map(|line| {
        let line = line.strip_prefix("pub ").unwrap_or(line);
        line.strip_prefix("mod ")?.strip_suffix(';')
    });
    modules
        .map(|name| name.trim_start_matches('_').to_owned())
        .collect()
}

/// What a file imports of the crate, by the first segment, each with its line. Comments and unit tests are left out, which
/// may ask anything.
fn imports(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut in_braces = 0_usize;
    let mut lines = text.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        let code = line.split("//").next().unwrap_or_default();
        if code.trim_end().ends_with("#[cfg(test)]") || code.starts_with("#[cfg(all(test") {
            if text
                .lines()
                .nth(number + 1)
                .is_some_and(|next| next.starts_with("mod "))
            {
                break;
            }
            lines.next();
            continue;
        }
        let mut rest = code;
        if in_braces > 0 {
            rest = braces(rest, number, &mut in_braces, &mut found);
        }
        while let Some(at) = rest.find("crate::") {
            let is_macro = rest[..at].ends_with('$');
            rest = &rest[at + "crate::".len()..];
            if is_macro {
                continue;
            }
            if let Some(inner) = rest.strip_prefix('{') {
                in_braces = 1;
                rest = braces(inner, number, &mut in_braces, &mut found);
            } else {
                found.push((number + 1, word(rest)));
            }
        }
    }
    found
}

fn word(text: &str) -> String {
    text.chars()
        .take_while(|char| char.is_alphanumeric() || *char == '_')
        .collect()
}

/// Reads `{a::{b, c}, d}` from behind its first brace: the words at depth one. Gives what follows.
fn braces<'a>(
    text: &'a str,
    number: usize,
    depth: &mut usize,
    found: &mut Vec<(usize, String)>,
) -> &'a str {
    let mut begins = true;
    for (at, char) in text.char_indices() {
        match char {
            '{' => *depth += 1,
            '}' => {
                *depth -= 1;
                if *depth == 0 {
                    return &text[at + 1..];
                }
            }
            ',' => begins = true,
            _ if char.is_whitespace() => {}
            _ => {
                if begins && *depth == 1 {
                    found.push((number + 1, word(&text[at..])));
                }
                begins = false;
            }
        }
    }
    ""
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The arrows of a file that point to its own line or upward, as sentences.
fn upward(module: &str, text: &str, layers: &Layers) -> Vec<String> {
    let own = layers[module];
    let arrows = imports(text).into_iter().filter_map(|(line, to)| {
        // A macro that is exported stands at the root of the crate, wherever it is written.
        let is_macro = to.starts_with("__") && !layers.contains_key(&to[2..]);
        let to = to.trim_start_matches('_');
        match layers.get(to) {
            _ if is_macro => None,
            _ if to == module => None,
            Some(depth) if *depth > own => None,
            Some(_) => Some(format!(
                "line {line}: `{module}` imports from `{to}`, which is not below it"
            )),
            // An item that `lib.rs` exports again would hide where it is from.
            None => Some(format!(
                "line {line}: `crate::{to}` is no module: name the one that it is in"
            )),
        }
    });
    arrows.collect()
}

#[test]
fn every_module_is_in_the_picture() {
    let lib = fs::read_to_string(source().join("lib.rs")).unwrap();
    let mut drawn: Vec<_> = layers(&lib).into_keys().collect();
    let mut declared = declared(&lib);
    // The pages: nothing but text.
    declared.retain(|module| module != "docs");
    drawn.sort();
    declared.sort();
    assert_eq!(drawn, declared);
}

#[test]
fn no_module_imports_from_its_own_layer_or_above() {
    let lib = fs::read_to_string(source().join("lib.rs")).unwrap();
    let layers = layers(&lib);
    let mut all = Vec::new();
    files(&source(), &mut all);
    let mut wrong = Vec::new();
    let mut read = 0;
    for path in all {
        let below = path.strip_prefix(source()).unwrap();
        let module = below
            .components()
            .next()
            .unwrap()
            .as_os_str()
            .to_str()
            .unwrap();
        let module = module.trim_end_matches(".rs");
        // Tests that are a file of their own may ask anything.
        let is_test = path
            .file_stem()
            .unwrap()
            .to_str()
            .unwrap()
            .ends_with("tests");
        if matches!(module, "lib" | "docs") || is_test {
            continue;
        }
        read += 1;
        let text = fs::read_to_string(&path).unwrap();
        let arrows = upward(module, &text, &layers);
        wrong.extend(
            arrows
                .into_iter()
                .map(|arrow| format!("{}, {arrow}", below.display())),
        );
    }
    assert!(read > 50, "{read} files");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn an_arrow_upward_is_seen_however_it_is_written() {
    let layers = layers("//     group edge   two\n//     scope   one\n//     site   names\n");
    let seen = |text: &str| upward("scope", text, &layers).len();
    assert_eq!(
        seen("use crate::site::Site;\nuse crate::scope::Scope;\n"),
        0
    );
    assert_eq!(seen("use crate::group::Group;"), 1);
    assert_eq!(
        seen("fn f() { crate::group::wake(); crate::edge::end() }"),
        2
    );
    assert_eq!(seen("use crate::{group, site};"), 1);
    assert_eq!(
        seen("use crate::{\n    edge::{Edge, site},\n    group,\n    site,\n};\nuse crate::group;"),
        3
    );
    assert_eq!(seen("use crate::TaskGroup;"), 1);
    assert_eq!(
        seen("// crate::group\nfn f() {}\n#[cfg(test)]\nmod tests { use crate::group; }"),
        0
    );
    assert_eq!(
        seen("#[cfg(test)]\nuse crate::group;\nuse crate::group::Group;"),
        1
    );
    assert_eq!(seen("macro_rules! m { () => { $crate::group::f() } }"), 0);
    let layers = self::layers("//     group edge   two\n//     scope   one\n");
    assert_eq!(
        upward("edge", "use crate::group;", &layers).len(),
        1,
        "beside it"
    );
}
