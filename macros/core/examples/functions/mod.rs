//! The functions of sources, each as an attribute would see it.

use std::path::{Path, PathBuf};

use rejoin_macros_core::scan::{Around, Resolver, Sites, scan};
use syn::visit::{self, Visit};
use syn::{Block, File, ImplItemFn, ItemFn, Signature, TraitItemFn};

struct Functions<'a, F> {
    path: &'a Path,
    each: F,
}

impl<F: FnMut(&Block, &ImplItemFn, &Sites, &mut Resolver)> Functions<'_, F> {
    fn read(&mut self, sig: &Signature, block: &Block) {
        let mut function: ImplItemFn = syn::parse_quote!(
            fn f() {}
        );
        (function.sig, function.block) = (sig.clone(), block.clone());
        let at = sig.ident.span().start();
        let (path, name) = (self.path.to_owned(), sig.ident.to_string());
        let mut resolver = Resolver::new(None, Around::At(path, at.line, at.column, name));
        let sites = scan(&mut function, &mut resolver, false);
        (self.each)(block, &function, &sites, &mut resolver);
    }
}

impl<'ast, F: FnMut(&Block, &ImplItemFn, &Sites, &mut Resolver)> Visit<'ast> for Functions<'_, F> {
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

/// Calls `each` with every function of a file: its body as it is written, and what a scan makes of the function.
pub(crate) fn functions(
    path: &Path,
    file: &File,
    each: impl FnMut(&Block, &ImplItemFn, &Sites, &mut Resolver),
) {
    Functions { path, each }.visit_file(file);
}

/// The files below a folder that parse, in order.
pub(crate) fn files(folder: &Path) -> impl Iterator<Item = (PathBuf, File)> {
    let mut paths = Vec::new();
    sources(folder, &mut paths);
    paths.sort();
    paths.into_iter().filter_map(|path| {
        let text = std::fs::read_to_string(&path).ok()?;
        Some((path, syn::parse_file(&text).ok()?))
    })
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
