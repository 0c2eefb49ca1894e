//! Names that the file around and the files of the crate settle.

use super::calls;

#[track_caller]
fn check(test: &str, text: &str, expected: &[&str]) {
    assert_eq!(calls(test, text), expected, "{text}");
}

#[test]
fn imports_at_the_head_of_the_file_are_seen() {
    let head = "use tokio::{spawn, task, runtime::Handle}; use std::thread; use std::mem;
        #[seen] async fn f() { spawn(g); task::spawn(g); Handle::current().spawn(g); thread::spawn(g); mem::drop(g) }";
    check(
        "head",
        head,
        &[
            "tokio::spawn",
            "tokio::task::spawn",
            "Handle.spawn",
            "std::thread::spawn",
            "std::mem::drop",
        ],
    );
    let friends = "use smol::{spawn, task, runtime::Handle}; use rayon::thread; mod mem {}
        #[seen] async fn f() { spawn(g); task::spawn(g); Handle::current().spawn(g); thread::spawn(g); mem::drop(g) }";
    check(
        "head_friends",
        friends,
        &[
            "smol::spawn",
            "smol::task::spawn",
            "?",
            "rayon::thread::spawn",
            "?",
        ],
    );
}

#[test]
fn a_module_or_an_import_of_the_file_hides_a_crate() {
    check(
        "hide_import",
        "use sim::tokio; #[seen] fn f() { tokio::spawn(g) }",
        &["sim::tokio::spawn"],
    );
    check(
        "hide_module",
        "mod tokio { pub fn spawn() {} } #[seen] fn f() { tokio::spawn(g) }",
        &["?"],
    );
    check(
        "hide_file",
        "mod tokio; #[seen] fn f() { tokio::spawn(g) }",
        &["?"],
    );
    check(
        "hide_extern",
        "extern crate sim as tokio; #[seen] fn f() { tokio::spawn(g) }",
        &["sim::spawn"],
    );
    check(
        "hide_glob",
        "mod sim { pub mod tokio {} } use sim::*; #[seen] fn f() { tokio::spawn(g) }",
        &["?"],
    );
    check(
        "hide_absolute",
        "mod tokio {} #[seen] fn f() { ::tokio::spawn(g) }",
        &["tokio::spawn"],
    );
    check(
        "hide_nothing",
        "mod sim { mod tokio {} } use sim::*; #[seen] fn f() { tokio::spawn(g) }",
        &["tokio::spawn"],
    );
    check(
        "hide_sibling",
        "mod m { use sim::tokio; } #[seen] fn f() { tokio::spawn(g) }",
        &["tokio::spawn"],
    );
}

#[test]
fn a_glob_of_another_crate_hides_no_crate_and_no_name_of_the_prelude() {
    check(
        "foreign",
        "use axum::prelude::*; #[seen] fn f() { tokio::spawn(g); drop(a); spawn(g) }",
        &["tokio::spawn", "std::mem::drop", "?"],
    );
    check(
        "foreign_in_block",
        "use tokio::spawn; #[seen] fn f() { use axum::*; spawn(g) }",
        &["?"],
    );
}

#[test]
fn a_glob_of_a_crate_brings_what_it_is_known_to_have() {
    check(
        "glob_tokio",
        "use tokio::*; #[seen] fn f() { spawn(g); task::spawn(g); select!(a) }",
        &["tokio::spawn", "tokio::task::spawn", "tokio::select!"],
    );
    check(
        "glob_task",
        "use tokio::task::*; #[seen] fn f() { spawn_blocking(g); other(g) }",
        &["tokio::task::spawn_blocking", "?"],
    );
    check(
        "glob_shadowed",
        "use tokio::*; fn spawn() {} #[seen] fn f() { spawn(g) }",
        &["?"],
    );
}

#[test]
fn modules_of_the_file_are_followed() {
    check(
        "reexport",
        "mod rt { pub use tokio::spawn; } use rt::spawn; #[seen] fn f() { spawn(g); rt::spawn(g) }",
        &["tokio::spawn", "tokio::spawn"],
    );
    check(
        "reexport_chain",
        "mod a { pub use super::b::*; } mod b { pub use tokio::task; } use self::a::task::spawn;
        #[seen] fn f() { spawn(g); crate::b::task::spawn(g) }",
        &["tokio::task::spawn", "tokio::task::spawn"],
    );
    check(
        "private",
        "mod rt { use tokio::spawn; } use rt::*; #[seen] fn f() { spawn(g) }",
        &["?"],
    );
    check(
        "own",
        "mod rt { pub fn spawn() {} } use rt::spawn; #[seen] fn f() { spawn(g) }",
        &["?"],
    );
}

#[test]
fn globs_in_a_circle_end() {
    check(
        "circle",
        "mod imp { use super::*; #[seen] fn f() { tokio::spawn(g); drop(a); spawn(g) } } pub use imp::*;",
        &["tokio::spawn", "std::mem::drop", "?"],
    );
    check(
        "circle_named",
        "mod imp { use super::*; use tokio; #[seen] fn f() { tokio::spawn(g) } } pub use imp::*;",
        &["tokio::spawn"],
    );
    check("circle_of_three", "use a::*; use b::*; mod a { pub use super::b::*; pub use super::*; pub use tokio::spawn; }
        mod b { pub use super::a::*; pub use super::*; } #[seen] fn f() { spawn(g); task::spawn(g); tokio::spawn(g) }",
        &["tokio::spawn", "task::spawn", "tokio::spawn"]);
}

#[test]
fn a_glob_of_a_parent_that_is_not_found_hides_no_crate() {
    let files = |tests: &str| {
        format!("include!(\"inner.rs\");\n//- src/inner.rs\nmod tests;\n//- src/tests.rs\n{tests}")
    };
    let seen = "#[seen] fn f() { tokio::spawn(g); spawn(g) }";
    for (test, text) in [
        ("included_super", format!("use super::*; {seen}")),
        ("included_crate", format!("use crate::*; {seen}")),
        (
            "included_inner",
            format!("use super::*; mod inner {{ use super::*; {seen} }}"),
        ),
    ] {
        check(test, &files(&text), &["tokio::spawn", "?"]);
    }
    let named = format!("use super::tokio; {seen}");
    check("included_name", &files(&named), &["?", "?"]);
}

#[test]
fn a_test_module_sees_what_its_parent_sees() {
    check(
        "tests",
        "use tokio::spawn; mod tests { use super::*; #[seen] fn f() { spawn(g); drop(a) } }",
        &["tokio::spawn", "std::mem::drop"],
    );
    check(
        "tests_shadowed",
        "use tokio::spawn; mod tests { use super::*; fn spawn() {} #[seen] fn f() { spawn(g) } }",
        &["?"],
    );
    check(
        "tests_parent",
        "use sim::tokio; mod tests { use super::*; #[seen] fn f() { tokio::spawn(g) } }",
        &["sim::tokio::spawn"],
    );
    check(
        "tests_without",
        "use tokio::spawn; mod tests { #[seen] fn f() { spawn(g); super::spawn(g) } }",
        &["?", "tokio::spawn"],
    );
    check(
        "tests_foreign",
        "use tokio::spawn; use axum::*; mod tests { use super::*; #[seen] fn f() { spawn(g) } }",
        &["tokio::spawn"],
    );
}

#[test]
fn alternatives_at_the_head_must_agree() {
    check(
        "cfg_differs",
        "#[cfg(a)] use tokio::spawn; #[cfg(b)] use smol::spawn; #[seen] fn f() { spawn(g) }",
        &["?"],
    );
    check(
        "cfg_one",
        "#[cfg(feature = \"rt\")] use tokio::{spawn, task}; #[seen] fn f() { spawn(g); task::spawn(g) }",
        &["tokio::spawn", "tokio::task::spawn"],
    );
    check(
        "cfg_crate",
        "#[cfg(sim)] use sim as tokio; #[seen] fn f() { tokio::spawn(g) }",
        &["?"],
    );
    check(
        "cfg_if",
        "cfg_if! { if #[cfg(sim)] { use sim as tokio; } } #[seen] fn f() { tokio::spawn(g) }",
        &["?"],
    );
    check(
        "cfg_if_same",
        "cfg_if! { if #[cfg(rt)] { use tokio::spawn; } } #[seen] fn f() { spawn(g) }",
        &["tokio::spawn"],
    );
    check(
        "macro_item",
        "thread_local! { static A: tokio::X = f(); } #[seen] fn f() { tokio::spawn(g) }",
        &["tokio::spawn"],
    );
}

#[test]
fn macros_of_the_file_are_seen() {
    check(
        "mac_head",
        "use tokio::select; #[seen] fn f() { select!(a) }",
        &["tokio::select!"],
    );
    check(
        "mac_own",
        "macro_rules! vec { () => {} } #[seen] fn f() { vec![a] }",
        &["?"],
    );
    check(
        "mac_textual",
        "macro_rules! vec { () => {} } mod m { #[seen] fn f() { vec![a]; println!(a) } }",
        &["?", "std::println!"],
    );
    check(
        "mac_use",
        "#[macro_use] extern crate tokio; mod m { #[seen] fn f() { select!(a); other!(a) } }",
        &["tokio::select!", "?"],
    );
    check(
        "mac_not_used",
        "extern crate tokio; #[seen] fn f() { select!(a) }",
        &["?"],
    );
    check(
        "mac_doubt",
        "#[macro_use] extern crate tokio; #[macro_use] extern crate crossbeam; #[seen] fn f() { select!(a) }",
        &["?"],
    );
}

#[test]
fn globs_of_other_files_of_the_crate_are_read() {
    check(
        "files_super",
        "use tokio::spawn; mod tests;
        //- src/tests.rs
        use super::*; #[seen] fn f() { spawn(g); tokio::spawn(g) }",
        &["tokio::spawn", "tokio::spawn"],
    );
    check(
        "files_prelude",
        "mod prelude; mod net;
        //- src/prelude.rs
        pub use tokio::task;
        //- src/net/mod.rs
        mod http;
        //- src/net/http.rs
        use crate::prelude::*; #[seen] fn f() { tokio::spawn(g); task::spawn(g) }",
        &["tokio::spawn", "tokio::task::spawn"],
    );
    check(
        "files_sim",
        "mod sim; mod net;
        //- src/sim/mod.rs
        pub mod tokio;
        //- src/net.rs
        use crate::sim::*; #[seen] fn f() { tokio::spawn(g) }",
        &["?"],
    );
    check(
        "files_missing",
        "mod net; mod generated;
        //- src/net.rs
        use crate::generated::*; #[seen] fn f() { tokio::spawn(g); drop(a) }",
        &["tokio::spawn", "std::mem::drop"],
    );
    check(
        "files_path",
        "#[path = \"a.rs\"] mod b; use b::*; #[seen] fn f() { tokio::spawn(g) }
        //- src/b.rs
        pub mod tokio;",
        &["tokio::spawn"],
    );
    check(
        "files_inline",
        "mod a { mod b; pub use tokio::spawn; }
        //- src/a/b.rs
        use crate::a::spawn; #[seen] fn f() { spawn(g) }",
        &["?"],
    );
    check(
        "files_extern",
        "extern crate sim as tokio; mod net;
        //- src/net.rs
        #[seen] fn f() { tokio::spawn(g) }",
        &["?"],
    );
    check(
        "files_macro_use",
        "#[macro_use] extern crate tokio; mod net;
        //- src/net.rs
        #[seen] fn f() { select!(a) }",
        &["tokio::select!"],
    );
}

#[test]
fn a_glob_of_an_enum_or_of_what_a_macro_makes_hides_no_crate() {
    check(
        "glob_enum",
        "mod net;
        //- src/net.rs
        use crate::missing::Kind::*; #[seen] fn f() { tokio::spawn(g); drop(a) }",
        &["tokio::spawn", "std::mem::drop"],
    );
    check("glob_made", "mod schema; mod net;
        //- src/schema.rs
        table! { users (id) { id -> Int4, } }
        //- src/net.rs
        use tokio::spawn; #[seen] fn f() { use crate::schema::users::dsl::*; tokio::spawn(g); spawn(g) }",
        &["tokio::spawn", "?"]);
}

#[test]
fn functions_of_other_files_are_told_from_imports() {
    check(
        "other_function",
        "mod rt; use rt::spawn; #[seen] fn f() { spawn(g) }
        //- src/rt.rs
        pub fn spawn() {}",
        &["?"],
    );
    check(
        "other_import",
        "mod rt; use rt::spawn; #[seen] fn f() { spawn(g) }
        //- src/rt.rs
        pub use tokio::spawn;",
        &["tokio::spawn"],
    );
    check(
        "other_adapter",
        "mod runtime;
        //- src/runtime/mod.rs
        mod tokio; #[seen] fn f() { tokio::spawn(g); ::tokio::spawn(g) }
        //- src/runtime/tokio.rs
        pub use ::tokio::task;",
        &["?", "tokio::spawn"],
    );
}

#[test]
fn the_crate_is_the_file_only_where_that_is_its_root() {
    check(
        "root",
        "mod rt { pub use tokio::spawn; } #[seen] fn f() { crate::rt::spawn(g) }",
        &["tokio::spawn"],
    );
    check("no_root", "//- src/net.rs
        mod rt { pub use tokio::spawn; } #[seen] fn f() { crate::rt::spawn(g); self::rt::spawn(g) }", &["?", "tokio::spawn"]);
}

#[test]
fn an_annotated_module_sees_its_own_names_and_super() {
    check(
        "mod_own",
        "use tokio::spawn; #[seen] mod m { use super::spawn as go; fn f() { go(g); spawn(g) } }",
        &["tokio::spawn", "?"],
    );
    check(
        "mod_glob",
        "use tokio::spawn; #[seen] mod m { use super::*; fn f() { spawn(g) } }",
        &["tokio::spawn"],
    );
    check(
        "mod_nested",
        "use tokio::task; #[seen] mod m { pub mod inner { use super::super::task; pub fn f() { task::spawn(g) } } }",
        &["tokio::task::spawn"],
    );
    check(
        "mod_crate",
        "mod sim { pub mod tokio {} } #[seen] mod m { use super::sim::*; fn f() { tokio::spawn(g) } }",
        &["?"],
    );
    check(
        "impl_own",
        "use tokio::spawn; struct A; #[seen] impl A { fn f() { spawn(g) } }",
        &["tokio::spawn"],
    );
    check(
        "impl_other",
        "fn spawn() {} struct A; #[seen] impl A { fn f() { spawn(g) } }",
        &["?"],
    );
}
