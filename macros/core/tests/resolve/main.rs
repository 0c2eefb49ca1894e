//! What the paths of an annotated item stand for, with the files around it.

mod corpus;
mod files;
mod names;
mod places;
mod types;

use std::path::{Path, PathBuf};

use proc_macro2::LineColumn;
use rejoin_macros_core::scan::types::Known;
use rejoin_macros_core::scan::{Around, Resolver};
use syn::visit::{self, Visit};
use syn::{Attribute, Expr, Ident, ItemFn, ItemImpl, ItemMod, Pat, Stmt};

/// An empty folder for the files of one test.
fn folder(test: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("resolve")
        .join(test);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(folder.join("src")).unwrap();
    folder
}

/// Writes files, each after a line `//- path`; the first is `src/lib.rs` if none is named.
fn write(test: &str, text: &str) -> Vec<(PathBuf, String)> {
    let folder = folder(test);
    let (mut path, mut content) = ("src/lib.rs".to_owned(), String::new());
    let mut files = Vec::new();
    for line in text.split_inclusive('\n') {
        if let Some(next) = line.trim_start().strip_prefix("//- ") {
            if !content.trim().is_empty() {
                files.push((folder.join(&path), std::mem::take(&mut content)));
            }
            next.trim().clone_into(&mut path);
        } else {
            content += line;
        }
    }
    files.push((folder.join(path), content));
    for (path, content) in &files {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
    files
}

/// The calls of the item with `#[seen]` in the files, in their order, as [`Calls`] notes them.
#[track_caller]
fn calls(test: &str, text: &str) -> Vec<String> {
    calls_with(test, text, None)
}

#[track_caller]
fn calls_with(test: &str, text: &str, runtime: Option<&str>) -> Vec<String> {
    let files = write(test, text);
    for (path, content) in &files {
        let file = syn::parse_file(content).unwrap();
        let mut find = Find(None);
        find.visit_file(&file);
        if let Some((item, name, place)) = find.0 {
            let around = Around::At(path.clone(), place.line, place.column, name);
            return item.calls(around, runtime);
        }
    }
    panic!("no item has `#[seen]`");
}

/// The calls of a function that stands in no file.
fn calls_of(function: &str) -> Vec<String> {
    let function = syn::parse_str(function).unwrap();
    Seen::Fn(function).calls(Around::Nothing, None)
}

enum Seen {
    Fn(ItemFn),
    Impl(ItemImpl),
    Mod(ItemMod),
}

impl Seen {
    fn calls(&self, around: Around, runtime: Option<&str>) -> Vec<String> {
        let runtime = runtime.map(|runtime| syn::parse_str(runtime).unwrap());
        let mut calls = Calls {
            resolver: Resolver::new(runtime.as_ref(), around),
            found: Vec::new(),
        };
        match self {
            Self::Fn(item) => calls.visit_item_fn(item),
            Self::Impl(item) => {
                calls.resolver.enter_scope();
                calls.resolver.bind_generics(&item.generics);
                calls.visit_item_impl(item);
            }
            Self::Mod(item) => calls.visit_item_mod(item),
        }
        calls.found
    }
}

/// Finds the item with `#[seen]`, and where its name stands.
struct Find(Option<(Seen, String, LineColumn)>);

fn is_seen(attrs: &[Attribute]) -> bool {
    attrs.iter().any(|attr| attr.path().is_ident("seen"))
}

fn method(sig: &syn::Signature, block: &syn::Block) -> Seen {
    Seen::Fn(syn::parse_quote!(#sig #block))
}

impl Find {
    fn set(&mut self, item: Seen, name: &Ident) {
        use syn::ext::IdentExt;
        let place = name.span().start();
        self.0 = Some((item, name.unraw().to_string(), place));
    }
}

impl<'ast> Visit<'ast> for Find {
    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        if is_seen(&item.attrs) {
            self.set(Seen::Fn(item.clone()), &item.sig.ident);
        }
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        if is_seen(&item.attrs) {
            self.set(method(&item.sig, &item.block), &item.sig.ident);
        }
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        if is_seen(&item.attrs) {
            let block = item.default.as_ref().unwrap();
            self.set(method(&item.sig, block), &item.sig.ident);
        }
        visit::visit_trait_item_fn(self, item);
    }

    fn visit_item_impl(&mut self, item: &'ast ItemImpl) {
        if is_seen(&item.attrs) {
            let place = item.impl_token.span.start();
            self.0 = Some((Seen::Impl(item.clone()), "impl".to_owned(), place));
        }
        visit::visit_item_impl(self, item);
    }

    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        if is_seen(&item.attrs) {
            self.set(Seen::Mod(item.clone()), &item.ident);
        }
        visit::visit_item_mod(self, item);
    }
}

/// Notes each call: `path::of::callee`, `macro!`, `Handle.spawn`; `?` where it is not certain.
struct Calls {
    resolver: Resolver,
    found: Vec<String>,
}

impl Calls {
    fn note(&mut self, path: Option<Vec<String>>, suffix: &str) {
        let path = path.map_or_else(|| "?".to_owned(), |path| path.join("::") + suffix);
        self.found.push(path);
    }
}

impl<'ast> Visit<'ast> for Calls {
    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        self.resolver.enter_scope();
        self.resolver.bind_signature(&item.sig);
        self.visit_block(&item.block);
        self.resolver.leave_scope();
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.resolver.enter_scope();
        self.resolver.bind_signature(&item.sig);
        self.visit_block(&item.block);
        self.resolver.leave_scope();
    }

    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        let Some((_, items)) = &item.content else {
            return;
        };
        self.resolver.enter_module(&item.ident, items);
        visit::visit_item_mod(self, item);
        self.resolver.leave_module();
    }

    fn visit_block(&mut self, block: &'ast syn::Block) {
        self.resolver.enter_block(block);
        for stmt in &block.stmts {
            // Nested items are bodies of their own.
            if !matches!(stmt, Stmt::Item(_)) {
                self.visit_stmt(stmt);
            }
        }
        self.resolver.leave_block();
    }

    fn visit_local(&mut self, local: &'ast syn::Local) {
        if let Some(init) = &local.init {
            visit::visit_local_init(self, init);
            self.resolver.bind_value(&local.pat, &init.expr);
        } else {
            self.resolver.bind(&local.pat);
        }
    }

    fn visit_expr_closure(&mut self, closure: &'ast syn::ExprClosure) {
        self.resolver.enter_scope();
        for input in &closure.inputs {
            self.resolver.bind(input);
        }
        self.visit_expr(&closure.body);
        self.resolver.leave_scope();
    }

    fn visit_expr_if(&mut self, expr: &'ast syn::ExprIf) {
        self.resolver.enter_scope();
        if let Expr::Let(condition) = &*expr.cond {
            self.visit_expr(&condition.expr);
            self.resolver.bind_value(&condition.pat, &condition.expr);
        } else {
            self.visit_expr(&expr.cond);
        }
        self.visit_block(&expr.then_branch);
        self.resolver.leave_scope();
        if let Some((_, otherwise)) = &expr.else_branch {
            self.visit_expr(otherwise);
        }
    }

    fn visit_arm(&mut self, arm: &'ast syn::Arm) {
        self.resolver.enter_scope();
        self.resolver.bind(&arm.pat);
        visit::visit_arm(self, arm);
        self.resolver.leave_scope();
    }

    fn visit_expr_for_loop(&mut self, expr: &'ast syn::ExprForLoop) {
        self.visit_expr(&expr.expr);
        self.resolver.enter_scope();
        self.resolver.bind(&expr.pat);
        self.visit_block(&expr.body);
        self.resolver.leave_scope();
    }

    fn visit_pat(&mut self, _: &'ast Pat) {}

    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        if let Expr::Path(path) = &*call.func {
            let path = self.resolver.resolve(&path.path);
            self.note(path, "");
        }
        for arg in &call.args {
            self.visit_expr(arg);
        }
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        if call.method.to_string().starts_with("spawn") {
            let known = self
                .resolver
                .type_of(&call.receiver)
                .map(|known| match known {
                    Known::Handle => vec!["Handle".to_owned()],
                    Known::Runtime => vec!["Runtime".to_owned()],
                });
            self.note(known, &format!(".{}", call.method));
        }
    }

    fn visit_macro(&mut self, mac: &'ast syn::Macro) {
        let path = self.resolver.resolve_macro(&mac.path);
        self.note(path, "!");
    }
}
