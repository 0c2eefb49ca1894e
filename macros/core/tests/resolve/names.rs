//! Names that the item itself settles.

use super::{calls_of, calls_with};

#[track_caller]
fn check(function: &str, expected: &[&str]) {
    assert_eq!(calls_of(function), expected, "{function}");
}

#[test]
fn a_path_in_full_means_the_crate() {
    check(
        "fn f() { tokio::spawn(g); std::thread::spawn(g) }",
        &["tokio::spawn", "std::thread::spawn"],
    );
    check("fn f() { ::tokio::spawn(g) }", &["tokio::spawn"]);
    check(
        "fn f() { tokio::task::spawn::<F>(g) }",
        &["tokio::task::spawn"],
    );
    check(
        "fn f() { tokio::runtime::Handle::current() }",
        &["tokio::runtime::Handle::current"],
    );
    check(
        "fn f() { core::mem::drop(g); alloc::vec::Vec::new() }",
        &["std::mem::drop", "std::vec::Vec::new"],
    );
}

#[test]
fn a_crate_whose_name_is_declared_is_another() {
    check("fn f() { mod tokio {} tokio::spawn(g) }", &["?"]);
    check(
        "fn f() { use sim::tokio; tokio::spawn(g) }",
        &["sim::tokio::spawn"],
    );
    check(
        "fn f() { use sim as tokio; tokio::spawn(g) }",
        &["sim::spawn"],
    );
    check(
        "fn f() { use sim as tokio; ::tokio::spawn(g) }",
        &["tokio::spawn"],
    );
    check(
        "fn f() { extern crate sim as tokio; tokio::spawn(g) }",
        &["sim::spawn"],
    );
    check("fn f() { enum tokio {} tokio::spawn(g) }", &["?"]);
    check("fn f<tokio: T>() { tokio::spawn(g) }", &["?"]);
    check("fn f() { use sim::*; tokio::spawn(g) }", &["tokio::spawn"]);
    check("fn f() { use crate::sim::*; tokio::spawn(g) }", &["?"]);
}

#[test]
fn imports_are_followed() {
    check("fn f() { use tokio::spawn; spawn(g) }", &["tokio::spawn"]);
    check(
        "fn f() { use tokio::spawn as go; go(g); spawn(g) }",
        &["tokio::spawn", "?"],
    );
    check(
        "fn f() { use tokio::{self as t, task::{self, spawn}}; t::spawn(g); task::spawn(g); spawn(g) }",
        &["tokio::spawn", "tokio::task::spawn", "tokio::task::spawn"],
    );
    check("fn f() { use tokio; tokio::spawn(g) }", &["tokio::spawn"]);
    check(
        "fn f() { use tokio::{self}; tokio::spawn(g) }",
        &["tokio::spawn"],
    );
    check(
        "fn f() { use tokio as t; use t::task; use task::spawn; spawn(g) }",
        &["tokio::task::spawn"],
    );
    check(
        "fn f() { extern crate tokio as rt; rt::spawn(g) }",
        &["tokio::spawn"],
    );
    check(
        "fn f() { use ::tokio::spawn; mod tokio {} spawn(g) }",
        &["tokio::spawn"],
    );
    check(
        "fn f() { use r#tokio::r#spawn; r#spawn(g) }",
        &["tokio::spawn"],
    );
    check("fn f() { use tokio::spawn as _; spawn(g) }", &["?"]);
    check("fn f() { use smol::spawn; spawn(g) }", &["smol::spawn"]);
}

#[test]
fn an_import_holds_in_its_whole_block_and_not_outside() {
    check("fn f() { spawn(g); use tokio::spawn; }", &["tokio::spawn"]);
    check("fn f() { { use tokio::spawn; } spawn(g) }", &["?"]);
    check(
        "fn f() { use tokio::spawn; { fn spawn() {} spawn(g) } spawn(g) }",
        &["?", "tokio::spawn"],
    );
    check(
        "fn f() { use smol::spawn; { use tokio::spawn; spawn(g) } }",
        &["tokio::spawn"],
    );
}

#[test]
fn locals_shadow_from_their_binding_on_and_lexically() {
    check(
        "fn f() { use tokio::spawn; spawn(a); let spawn = h(); spawn(b) }",
        &["tokio::spawn", "?", "?"],
    );
    check(
        "fn f(spawn: F) { tokio::spawn(g); spawn(g) }",
        &["tokio::spawn", "?"],
    );
    check(
        "fn f() { use tokio::spawn; { let spawn = 1; } spawn(g) }",
        &["tokio::spawn"],
    );
    check(
        "fn f() { use tokio::spawn; v(|spawn| spawn(g)); spawn(g) }",
        &["?", "?", "tokio::spawn"],
    );
    check(
        "fn f() { use tokio::spawn; match x { Some(spawn) => spawn(g), _ => spawn(g) } }",
        &["?", "tokio::spawn"],
    );
    check(
        "fn f() { use tokio::spawn; for spawn in v { spawn(g) } spawn(g) }",
        &["?", "tokio::spawn"],
    );
    check(
        "fn f() { let spawn = 1; { use tokio::spawn; spawn(g) } }",
        &["tokio::spawn"],
    );
    // A local is no module.
    check("fn f(tokio: T) { tokio::spawn(g) }", &["tokio::spawn"]);
}

#[test]
fn namespaces_are_apart() {
    check(
        "fn f() { use tokio::spawn; mod spawn {} spawn(g) }",
        &["tokio::spawn"],
    );
    check(
        "fn f() { use tokio::task; fn task() {} task::spawn(g); task() }",
        &["tokio::task::spawn", "?"],
    );
    check(
        "fn f() { use tokio::spawn; struct spawn; spawn(g) }",
        &["?"],
    );
    check(
        "fn f() { use tokio::spawn; macro_rules! spawn { () => {} } spawn(g) }",
        &["tokio::spawn"],
    );
}

#[test]
fn alternatives_must_agree() {
    check(
        "fn f() { #[cfg(a)] use tokio::spawn; #[cfg(not(a))] use smol::spawn; spawn(g) }",
        &["?"],
    );
    check(
        "fn f() { #[cfg(a)] use tokio::spawn; #[cfg(not(a))] use tokio::spawn; spawn(g) }",
        &["tokio::spawn"],
    );
    check(
        "fn f() { #[cfg(rt)] use tokio::task; task::spawn(g) }",
        &["tokio::task::spawn"],
    );
    check(
        "fn f() { #[cfg(sim)] use sim as tokio; tokio::spawn(g) }",
        &["?"],
    );
    check(
        "fn f() { #[cfg(sim)] mod tokio {} tokio::spawn(g) }",
        &["?"],
    );
}

#[test]
fn names_of_the_prelude_have_their_paths() {
    check(
        "fn f() { drop(a); Some(a); Ok(a); Box::pin(a); Vec::new() }",
        &[
            "std::mem::drop",
            "std::option::Option::Some",
            "std::result::Result::Ok",
            "std::boxed::Box::pin",
            "std::vec::Vec::new",
        ],
    );
    check("fn f() { use std::mem; mem::drop(a) }", &["std::mem::drop"]);
    check(
        "fn f() { use std::mem::drop; drop(a) }",
        &["std::mem::drop"],
    );
    check("fn f(drop: F) { drop(a) }", &["?"]);
    check("fn f() { fn drop() {} drop(a) }", &["?"]);
    check("fn f() { use other::drop; drop(a) }", &["other::drop"]);
    check(
        "fn f() { let None = a else { return }; drop(a); None(a) }",
        &["std::mem::drop", "std::option::Option::None"],
    );
}

#[test]
fn macros_resolve_as_macros_do() {
    check(
        "fn f() { use tokio::select; select!(a); tokio::join!(a) }",
        &["tokio::select!", "tokio::join!"],
    );
    check(
        "fn f() { use tokio::select as s; s!(a); select!(a) }",
        &["tokio::select!", "?"],
    );
    check(
        "fn f() { vec![a]; std::vec![a]; format!(a) }",
        &["std::vec!", "std::vec!", "std::format!"],
    );
    check("fn f() { macro_rules! vec { () => {} } vec![a] }", &["?"]);
    check("fn f() { use other::vec; vec![a] }", &["other::vec!"]);
    // A function is no macro.
    check("fn f() { fn vec() {} vec![a] }", &["std::vec!"]);
    check("fn f() { quote::quote!(a) }", &["quote::quote!"]);
}

#[test]
fn the_path_of_the_runtime_means_rejoin() {
    let of = |test: &str, text: &str, runtime| calls_with(test, text, Some(runtime));
    assert_eq!(
        of(
            "runtime_absolute",
            "#[seen] fn f() { ::jo::spawn(g); jo::spawn(g) }",
            "::jo"
        ),
        ["rejoin::spawn", "rejoin::spawn"]
    );
    assert_eq!(
        of(
            "runtime_facade",
            "#[seen] fn f() { crate::jo::spawn(g) }\n//- src/jo.rs",
            "crate::jo"
        ),
        ["rejoin::spawn"]
    );
    assert_eq!(
        of(
            "runtime_import",
            "use jo::spawn; #[seen] fn f() { spawn(g); rejoin::spawn(g) }",
            "::jo"
        ),
        ["rejoin::spawn", "rejoin::spawn"]
    );
    let relative = "mod jo {} #[seen] mod m { use ::rejoin as jo; fn f() { jo::spawn(g) } }";
    assert_eq!(of("runtime_relative", relative, "jo"), ["rejoin::spawn"]);
    let other = "#[seen] fn f() { mod jo { pub fn spawn() {} } jo::spawn(g) }";
    assert_eq!(of("runtime_shadowed", other, "jo"), ["?"]);
}

#[test]
fn what_cannot_be_told_is_not_guessed() {
    check(
        "fn f() { spawn(g); task::spawn(g); T::spawn(g); Self::spawn(g) }",
        &["?", "task::spawn", "?", "?"],
    );
    check(
        "fn f() { crate::spawn(g); super::spawn(g); self::spawn(g) }",
        &["?", "?", "?"],
    );
    check("fn f() { use crate::rt::spawn; spawn(g) }", &["?"]);
}

#[test]
fn chains_without_an_end_are_given_up() {
    check(
        "fn f() { use a::b as c; use c::b as a; a::spawn(g) }",
        &["?"],
    );
    let import = |index| format!("#[cfg(a)] use n{}::x as n{index}; ", index + 1);
    let imports: String = (0..40).map(|index| import(index).repeat(3)).collect();
    check(&format!("fn f() {{ {imports} n0::spawn(g) }}"), &["?"]);
}
