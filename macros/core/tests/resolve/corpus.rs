//! The reader of files finds the items and the names that `syn` finds: in the runtime, or in the folder `REJOIN_CORPUS`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use proc_macro2::Span;
use rejoin_macros_core::scan::{file, reader};
use syn::visit::{self, Visit};
use syn::{Item, UseTree};

/// The items that attributes can stand on, with their places.
#[derive(Default)]
struct Items(Vec<(String, Span)>);

impl<'ast> Visit<'ast> for Items {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        self.0.push((item.ident.to_string(), item.ident.span()));
        visit::visit_item_mod(self, item);
    }

    fn visit_item_trait(&mut self, item: &'ast syn::ItemTrait) {
        self.0.push((item.ident.to_string(), item.ident.span()));
        visit::visit_item_trait(self, item);
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        self.0.push(("impl".to_owned(), item.impl_token.span));
        visit::visit_item_impl(self, item);
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.0
            .push((item.sig.ident.to_string(), item.sig.ident.span()));
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.0
            .push((item.sig.ident.to_string(), item.sig.ident.span()));
        visit::visit_impl_item_fn(self, item);
    }
}

fn imported(tree: &UseTree, prefix: &str, names: &mut BTreeSet<String>) {
    match tree {
        UseTree::Path(path) => imported(&path.tree, &path.ident.to_string(), names),
        UseTree::Name(name) if name.ident == "self" => drop(names.insert(prefix.to_owned())),
        UseTree::Name(name) => drop(names.insert(name.ident.to_string())),
        UseTree::Rename(rename) => drop(names.insert(rename.rename.to_string())),
        UseTree::Glob(_) => {}
        UseTree::Group(group) => group
            .items
            .iter()
            .for_each(|it| imported(it, prefix, names)),
    }
}

/// The names at the top of a file.
fn declared(items: &[Item]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for item in items {
        let ident = match item {
            Item::Use(item) => {
                imported(&item.tree, "", &mut names);
                continue;
            }
            Item::ExternCrate(item) => item.rename.as_ref().map_or(&item.ident, |(_, name)| name),
            Item::Const(item) => &item.ident,
            Item::Enum(item) => &item.ident,
            Item::Fn(item) => &item.sig.ident,
            Item::Mod(item) => &item.ident,
            Item::Static(item) => &item.ident,
            Item::Struct(item) => &item.ident,
            Item::Trait(item) => &item.ident,
            Item::Type(item) => &item.ident,
            Item::Union(item) => &item.ident,
            Item::Macro(syn::ItemMacro {
                ident: Some(ident), ..
            }) => ident,
            _ => continue,
        };
        names.insert(ident.to_string());
    }
    names
        .into_iter()
        .map(|name| name.trim_start_matches("r#").to_owned())
        .collect()
}

/// What the reader finds otherwise than `syn`.
fn faults(path: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let Ok(parsed) = syn::parse_file(&text) else {
        return Vec::new();
    };
    let tree = Arc::new(reader::parse(text, None));
    let mut items = Items::default();
    items.visit_file(&parsed);
    let mut faults = Vec::new();
    for (name, span) in items.0 {
        let place = span.start();
        let name = name.trim_start_matches("r#");
        if file::locate(&tree, place.line, place.column, name).is_none() {
            faults.push(format!(
                "{}:{}: `{name}` is not found",
                path.display(),
                place.line
            ));
        }
    }
    let names = &tree.modules[0].names;
    let expected = declared(&parsed.items);
    for name in expected.iter().filter(|name| *name != "_") {
        if !names.contains_key(name) {
            faults.push(format!("{}: `{name}` is not declared", path.display()));
        }
    }
    // In the input of macros, more names are declared than `syn` reads.
    for (name, all) in names {
        if all.iter().any(|it| !it.conditional) && !expected.contains(name) {
            faults.push(format!("{}: `{name}` is declared", path.display()));
        }
    }
    faults
}

fn sources(folder: PathBuf, each: &mut dyn FnMut(&Path)) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && path.file_name().is_some_and(|name| name != "target") {
            sources(path, each);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            each(&path);
        }
    }
}

#[test]
fn sources_are_read_as_syn_reads_them() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../runtime");
    let root = std::env::var_os("REJOIN_CORPUS").map_or(root, PathBuf::from);
    // Some of the sources nest deeply, which `syn` goes into.
    let thread = std::thread::Builder::new().stack_size(256 << 20);
    let found = thread.spawn(move || {
        let (mut count, mut found) = (0, Vec::new());
        sources(root, &mut |path| {
            found.extend(faults(path));
            count += 1;
        });
        assert!(count > 50);
        found
    });
    let found = found.unwrap().join().unwrap();
    assert!(found.is_empty(), "{}", found.join("\n"));
}
