//! Reads each function in the sources of these folders as `#[must_join]` would, and lists the spawns that it refuses with
//! the first line of what it says.
//!
//! ```text
//! cargo run -p rejoin-macros-core --example refused -- ~/.cargo/registry/src/*/{mini-redis-0.4.1,tarpc-0.37.0}
//! ```

use std::path::{Path, PathBuf};

use rejoin_macros_core::leak::report::{Options, check};
use rejoin_macros_core::scan::{Around, Resolver, scan};
use syn::visit::{self, Visit};
use syn::{Block, ImplItemFn, ItemFn, Signature, TraitItemFn};

struct Functions<'a> {
    path: &'a Path,
    read: usize,
    with_spawns: usize,
    refused: usize,
}

impl Functions<'_> {
    fn read(&mut self, sig: &Signature, block: &Block) {
        let mut function: ImplItemFn = syn::parse_quote!(
            fn f() {}
        );
        (function.sig, function.block) = (sig.clone(), block.clone());
        let at = sig.ident.span().start();
        let around = Around::At(
            self.path.to_owned(),
            at.line,
            at.column,
            sig.ident.to_string(),
        );
        let mut resolver = Resolver::new(None, around);
        let sites = scan(&mut function, &mut resolver, false);
        self.read += 1;
        self.with_spawns += usize::from(sites.iter().next().is_some());
        let leaks = check(&function, &sites, &mut resolver, &Options::default());
        self.refused += usize::from(!leaks.is_empty());
        for leak in leaks {
            let line = leak.spawn.start().line;
            let says = leak.message.lines().next().unwrap_or_default();
            println!("{}:{line}: {says}", self.path.display());
        }
    }
}

impl<'ast> Visit<'ast> for Functions<'_> {
    fn visit_item_fn(&mut self, function: &'ast ItemFn) {
        self.read(&function.sig, &function.block);
        visit::visit_item_fn(self, function);
    }
    fn visit_impl_item_fn(&mut self, function: &'ast ImplItemFn) {
        self.read(&function.sig, &function.block);
        visit::visit_impl_item_fn(self, function);
    }
    fn visit_trait_item_fn(&mut self, function: &'ast TraitItemFn) {
        if let Some(block) = &function.default {
            self.read(&function.sig, block);
        }
        visit::visit_trait_item_fn(self, function);
    }
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

fn main() {
    let mut table = vec![];
    for folder in std::env::args_os().skip(1).map(PathBuf::from) {
        let mut files = Vec::new();
        sources(&folder, &mut files);
        files.sort();
        let [mut read, mut with_spawns, mut refused] = [0; 3];
        for path in files {
            let parsed = std::fs::read_to_string(&path).ok();
            let Some(file) = parsed.and_then(|text| syn::parse_file(&text).ok()) else {
                continue;
            };
            let mut functions = Functions {
                path: &path,
                read: 0,
                with_spawns: 0,
                refused: 0,
            };
            functions.visit_file(&file);
            read += functions.read;
            with_spawns += functions.with_spawns;
            refused += functions.refused;
        }
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        table.push(format!("| {name} | {read} | {with_spawns} | {refused} |"));
    }
    println!("| sources | functions | with a spawn | refused |\n|---|---|---|---|");
    println!("{}", table.join("\n"));
}
