//! Items are found where they stand, or not at all.

use rejoin_macros_core::scan::{Around, Resolver, file, reader};
use syn::parse_quote;

use super::{calls, folder};

#[track_caller]
fn seen(test: &str, text: &str) {
    assert_eq!(calls(test, text), ["tokio::spawn"], "{text}");
}

#[test]
fn byte_order_marks_line_ends_and_shebangs_move_nothing() {
    let text = "use tokio::spawn;\n\n/* ü */ #[seen] async fn f() { spawn(g) }\n";
    seen("plain", text);
    seen("bom", &format!("\u{feff}{text}"));
    seen(
        "bom_one_line",
        "\u{feff}use tokio::spawn; /* ü */ #[seen] fn f() { spawn(g) }",
    );
    seen("crlf", &text.replace('\n', "\r\n"));
    seen(
        "shebang",
        &format!("#!/usr/bin/env run-cargo-script\n{text}"),
    );
    seen("inner_attribute", &format!("#![allow(unused)]\n{text}"));
    seen("raw", "use tokio::spawn; #[seen] fn r#match() { spawn(g) }");
}

#[test]
fn items_are_found_in_modules_impls_traits_and_bodies() {
    for (test, text) in [
        ("in_mod", "mod a { mod b { use tokio::spawn; FN } }"),
        (
            "in_impl",
            "use tokio::spawn; impl<const N: usize> A<{ N }> for B where C: D, { FN }",
        ),
        ("in_trait", "use tokio::spawn; trait T { fn g(); FN }"),
        ("in_body", "fn main() { use tokio::spawn; FN }"),
        (
            "in_block",
            "fn main() { use smol::spawn; if a { let x = [1, { use tokio::spawn; FN }]; } }",
        ),
        (
            "in_closure",
            "fn main() { use tokio::spawn; run(async move { if !ready { FN } }) }",
        ),
        (
            "in_nested_body",
            "fn a() { use tokio as t; fn b() { use t::spawn; mod m {} impl A { FN } } }",
        ),
        ("in_nested_mod", "fn a() { mod m { use tokio::spawn; FN } }"),
        ("in_constant", "const _: () = { use tokio::spawn; FN };"),
        (
            "in_constant_of_body",
            "fn a() { const A: u8 = { use tokio::spawn; FN 1 }; }",
        ),
    ] {
        seen(
            test,
            &text.replace("FN", "#[seen] async fn f() { spawn(g) }"),
        );
    }
}

#[test]
fn text_that_looks_like_items_is_none() {
    for (test, before) in [
        ("string", "const A: &str = \"mod tokio {} \\\" }\";"),
        (
            "raw_string",
            "const A: &str = r##\"mod tokio {} \"# } \"##; const B: &[u8] = br\"}\\\";",
        ),
        (
            "chars",
            "const A: [char; 5] = ['{', '\\'', '\"', '\\u{7d}', 'é']; fn a<'a>(_: &'a u8, _: u8) -> u8 { b'}' }",
        ),
        ("comments", "/* mod tokio; /* { */ ' \" */ // mod tokio {\n"),
        ("documentation", "/// mod tokio { \"\n/** ' { */ struct A;"),
        (
            "numbers",
            "const A: f32 = 1.0e-3; fn a() { for _ in 0..3 {} x.0.1; 0x1F_u8; }",
        ),
        (
            "struct_default",
            "struct A<T = (u8, u8)> { a: T } struct B(u8); union C { a: u8 }",
        ),
        (
            "types",
            "type A = fn(extern_: u8) -> *const tokio; extern \"C\" { fn b(); } extern \"C\" fn c() {}",
        ),
        (
            "constants",
            "const A: u8 = { mod tokio {} 1 }; static mut B: [u8; { 1 }] = [1; { 1 }]; const _: () = ();",
        ),
        (
            "paths",
            "const A: ::core::primitive::u8 = 0; static B: &str = \"\"; fn a(a: *const tokio::A) {}",
        ),
        (
            "macro_rules",
            "macro_rules! a { () => { mod tokio {} } } a!{ b => { use x::y as z; } }",
        ),
        (
            "lifetime",
            "fn a<'tokio>(a: &'tokio str) { 'l: loop { break 'l } }",
        ),
        (
            "arrow",
            "fn a<F: Fn() -> Vec<u8>>(f: F) -> impl Sized + use<F> { f }",
        ),
        ("attributes", "#[doc = \"}\"] #[a(b = { c })] fn b() {}"),
    ] {
        let text = format!(
            "use self::spawn as _;\n{before}\nuse tokio::spawn;\n#[seen] fn f() {{ spawn(g) }}"
        );
        seen(test, &text.replace("use self::spawn as _;", ""));
        let full = text
            .replace("use tokio::spawn;", "")
            .replace("{ spawn(g) }", "{ tokio::spawn(g) }");
        seen(test, &full);
    }
}

fn at(text: &str, line: usize, column: usize, name: &str) -> Option<Vec<String>> {
    let folder = folder(&format!("at_{line}_{column}_{name}"));
    let path = folder.join("src/lib.rs");
    std::fs::write(&path, text).unwrap();
    let resolver = Resolver::new(None, Around::At(path, line, column, name.to_owned()));
    resolver.resolve(&parse_quote!(spawn))
}

#[test]
fn a_place_without_the_item_settles_nothing() {
    let text = "use tokio::spawn;\nfn f() {}\nmacro_rules! m { () => { fn g() {} } }\nm! { fn h() {} }\nfn i() { m! { fn j() {} } }";
    assert!(at(text, 2, 3, "f").is_some());
    for (line, column, name) in [
        (0, 0, "f"),
        (1, 3, "f"),
        (2, 2, "f"),
        (2, 4, "f"),
        (2, 3, "g"),
        (9, 3, "f"),
        (2, 99, "f"),
        // What a macro makes is not where its tokens are.
        (3, 28, "g"),
        (4, 8, "h"),
        (5, 17, "j"),
    ] {
        assert_eq!(at(text, line, column, name), None, "{line}:{column} {name}");
    }
}

#[test]
fn an_item_that_is_not_found_has_no_crate_that_its_file_hides() {
    let resolve = |text: &str, path: syn::Path| {
        let folder = folder("not_found");
        let file = folder.join("src/lib.rs");
        std::fs::write(&file, text).unwrap();
        Resolver::new(None, Around::At(file, 1, 0, "f".to_owned())).resolve(&path)
    };
    assert_eq!(
        resolve("mod m { use sim::tokio; }", parse_quote!(tokio::spawn)),
        None
    );
    let itself = "use tokio::{self, task}; mod a { extern crate tokio; }   ";
    assert!(resolve(itself, parse_quote!(tokio::spawn)).is_some());
    let crate_path = Some(vec!["tokio".to_owned(), "spawn".to_owned()]);
    assert_eq!(
        resolve("mod m { use sim::other; }  ", parse_quote!(tokio::spawn)),
        crate_path
    );
}

#[test]
fn a_file_that_is_written_again_is_read_again() {
    let folder = folder("again");
    let path = folder.join("src/lib.rs");
    let resolve = |text: &str| {
        std::fs::write(&path, text).unwrap();
        let at = Around::At(path.clone(), 2, 3, "f".to_owned());
        Resolver::new(None, at).resolve(&parse_quote!(spawn))
    };
    assert!(resolve("use tokio::spawn;\nfn f() {}").is_some());
    assert_eq!(resolve("use crate::here::spawn;\nfn f() {}"), None);
}

#[test]
fn a_file_is_read_once_and_only_when_a_name_asks_for_it() {
    let folder = folder("lazy");
    let path = folder.join("src/lib.rs");
    std::fs::write(&path, "use tokio::spawn;\nfn f() {}").unwrap();
    let first = file::read(&path).unwrap();
    let second = file::read(&path).unwrap();
    assert!(std::sync::Arc::ptr_eq(&first, &second));
    // What the function settles is settled without a file.
    let missing = Around::At(folder.join("missing.rs"), 1, 3, "f".to_owned());
    let mut resolver = Resolver::new(None, missing);
    resolver.enter_block(&parse_quote!({
        use smol::spawn;
    }));
    assert!(resolver.resolve(&parse_quote!(spawn)).is_some());
}

/// Whatever an editor has left of a file, reading ends, and nothing panics.
#[test]
fn every_part_of_a_file_is_read_without_a_panic() {
    let text = concat!(
        include_str!("places.rs"),
        "é' \\ \" b' r#\"é\"# /* é */ '\\é' \"\\é\" use {{{a::{b,*}}}}; "
    );
    let mut cut: Vec<usize> = text.char_indices().map(|(at, _)| at).step_by(7).collect();
    cut.extend(text.len() - 80..text.len());
    for at in cut.into_iter().filter(|at| text.is_char_boundary(*at)) {
        reader::parse(text[at..].to_owned(), None);
        reader::parse(text[..at].to_owned(), None);
    }
    reader::parse("mod a {".repeat(100_000), None);
    reader::parse(format!("use {}", "a::{".repeat(100_000)), None);
    reader::parse("a!{".repeat(100_000), None);
}
