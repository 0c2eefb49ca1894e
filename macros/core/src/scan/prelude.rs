//! Names that no module declares: crates, and the names of the preludes.

use super::lookup::Found;
use super::names::{Declaration, Kind, Namespace, is_capital};
use super::resolve::{Outer, Resolver};

impl Resolver {
    /// What a name stands for that no module or block declares.
    pub(super) fn outside(&self, name: &str, namespace: Namespace) -> Found {
        if let Outer::Somewhere(tree) = self.outer() {
            let declared = tree.modules.iter().filter_map(|it| it.names.get(name));
            let is_itself = |it: &Declaration| matches!(&it.kind, Kind::Import(path) if *path.segments == [name]);
            if !declared.flatten().all(is_itself) {
                return Found::Unknown;
            }
        }
        if let Some(path) = prelude(name, namespace) {
            return Found::Path(path.iter().map(|&it| it.to_owned()).collect());
        }
        match namespace {
            Namespace::Value => Found::Nothing,
            Namespace::Type if is_capital(name) => Found::Nothing,
            Namespace::Type => self.renamed_crate(name),
            Namespace::Macro => self.textual_macro(name),
        }
    }

    /// A crate, or what `extern crate` at the root calls so.
    fn renamed_crate(&self, name: &str) -> Found {
        let root = self
            .module_around(&self.outermost())
            .and_then(|it| self.root(it));
        let declared = root.as_ref().and_then(|root| root.get().names.get(name));
        for declaration in declared.into_iter().flatten() {
            if let Kind::Import(path) = &declaration.kind
                && path.absolute
                && *path.segments != [name]
            {
                return Found::Unknown;
            }
        }
        Found::Path(vec![krate(name)])
    }

    /// A macro of a module around, of `#[macro_use] extern crate`, or of the prelude.
    fn textual_macro(&self, name: &str) -> Found {
        let is_macro = |it: &Declaration| matches!(it.kind, Kind::Item(namespaces) if namespaces & Namespace::Macro as u8 != 0);
        let mut module = self.module_around(&self.here());
        let mut crates = Vec::new();
        while let Some(place) = module {
            let declared = place.get().names.get(name).into_iter().flatten();
            if { declared }.any(is_macro) {
                return Found::Local;
            }
            crates.clone_from(&place.get().macro_crates);
            module = self.parent(&place);
        }
        if is_std_macro(name) {
            return Found::Path(vec!["std".to_owned(), name.to_owned()]);
        }
        for name_of_crate in crates.into_iter().rev() {
            let path = [name_of_crate];
            if provides(&path, name) {
                let [name_of_crate] = path;
                return Found::Path(vec![name_of_crate, name.to_owned()]);
            }
            if !is_known_crate(&path[0]) {
                return Found::Unknown;
            }
        }
        Found::Nothing
    }
}

/// The name of a crate: `core` and `alloc` are parts of `std`.
pub(super) fn krate(name: &str) -> String {
    match name {
        "core" | "alloc" => "std".to_owned(),
        name => name.to_owned(),
    }
}

/// The path of a name of the standard prelude.
pub(super) fn prelude(name: &str, namespace: Namespace) -> Option<&'static [&'static str]> {
    if namespace == Namespace::Macro {
        return None;
    }
    Some(match name {
        "drop" => &["std", "mem", "drop"],
        "Some" => &["std", "option", "Option", "Some"],
        "None" => &["std", "option", "Option", "None"],
        "Ok" => &["std", "result", "Result", "Ok"],
        "Err" => &["std", "result", "Result", "Err"],
        "Option" => &["std", "option", "Option"],
        "Result" => &["std", "result", "Result"],
        "Box" => &["std", "boxed", "Box"],
        "Vec" => &["std", "vec", "Vec"],
        "String" => &["std", "string", "String"],
        "ToString" => &["std", "string", "ToString"],
        "ToOwned" => &["std", "borrow", "ToOwned"],
        "Clone" => &["std", "clone", "Clone"],
        "Default" => &["std", "default", "Default"],
        "Drop" => &["std", "ops", "Drop"],
        "From" => &["std", "convert", "From"],
        "Into" => &["std", "convert", "Into"],
        "TryFrom" => &["std", "convert", "TryFrom"],
        "TryInto" => &["std", "convert", "TryInto"],
        "AsRef" => &["std", "convert", "AsRef"],
        "AsMut" => &["std", "convert", "AsMut"],
        "Iterator" => &["std", "iter", "Iterator"],
        "IntoIterator" => &["std", "iter", "IntoIterator"],
        "FromIterator" => &["std", "iter", "FromIterator"],
        "Extend" => &["std", "iter", "Extend"],
        "Future" => &["std", "future", "Future"],
        "IntoFuture" => &["std", "future", "IntoFuture"],
        _ => return None,
    })
}

/// The macros of the standard prelude.
const MACROS: &[&str] = &[
    "assert",
    "assert_eq",
    "assert_ne",
    "cfg",
    "column",
    "compile_error",
    "concat",
    "dbg",
    "debug_assert",
    "debug_assert_eq",
    "debug_assert_ne",
    "env",
    "eprint",
    "eprintln",
    "file",
    "format",
    "format_args",
    "include",
    "include_bytes",
    "include_str",
    "line",
    "matches",
    "module_path",
    "option_env",
    "panic",
    "print",
    "println",
    "stringify",
    "thread_local",
    "todo",
    "try",
    "unimplemented",
    "unreachable",
    "vec",
    "write",
    "writeln",
];

pub(super) fn is_std_macro(name: &str) -> bool {
    MACROS.binary_search(&name).is_ok()
}

/// The names that are looked for in modules of other crates, by the module.
const PROVIDED: &[(&[&str], &[&str])] = &[
    (
        &["tokio"],
        &[
            "join", "pin", "runtime", "select", "spawn", "task", "try_join",
        ],
    ),
    (&["tokio", "runtime"], &["Builder", "Handle", "Runtime"]),
    (
        &["tokio", "task"],
        &[
            "JoinHandle",
            "JoinSet",
            "LocalSet",
            "spawn",
            "spawn_blocking",
            "spawn_local",
        ],
    ),
    (
        &["rejoin"],
        &["detach", "root", "spawn", "spawn_blocking", "spawn_local"],
    ),
    (&["std"], &["mem", "thread"]),
    (
        &["std", "mem"],
        &["drop", "forget", "replace", "swap", "take"],
    ),
    (&["std", "thread"], &["JoinHandle", "spawn"]),
    (
        &["futures"],
        &["future", "join", "select", "select_biased", "try_join"],
    ),
    (
        &["futures", "future"],
        &["join_all", "select", "select_all", "try_join_all"],
    ),
];

/// Whether it is known of a crate which of the names that are looked for it has.
pub(super) fn is_known_crate(name: &str) -> bool {
    PROVIDED.iter().any(|(path, _)| *path == [name])
}

/// Whether a module of another crate is known to have this name.
pub(super) fn provides(module: &[String], name: &str) -> bool {
    let of_module = PROVIDED.iter().find(|(path, _)| module == *path);
    of_module.is_some_and(|(_, names)| names.contains(&name))
}
