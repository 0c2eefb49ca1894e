//! What the paths of a body stand for.
//!
//! A path resolves as rustc resolves it, as far as the sources show it: locals and parameters, the items and imports of the
//! blocks, of the module, and of the file around; globs and chains of imports through the modules of the crate, whose files
//! are found by the rules for `mod name;`; then the crates and the prelude. Where the sources do not show it, the answer is
//! `None`, with these exceptions, which real code needs:
//!
//! - A glob of another crate is taken to bring neither a crate's name nor one of the prelude, and so is a macro that stands in
//!   place of items, unless its input declares the name, and a glob of a module that a macro makes, or whose file is not
//!   found or is named by `#[path]`, and one of `super` or `crate` where the file that declares the module is not found.
//! - Where the item is not found in a file, because a macro makes it or an editor has no file, a path in full means the crate,
//!   unless some module of that file declares its first segment; imports around are not seen.
//! - A `#[macro_use]` module of another file is taken not to redefine the macros of std.
//! - A name in capitals is a type, a variant or a constant, and neither a local nor a crate.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use proc_macro2::Span;
use syn::visit::Visit;
use syn::{Block, FnArg, GenericParam, Generics, Ident, Item, ItemImpl, Pat, PatIdent, Path};
use syn::{Signature, Stmt};

use super::file;
use super::lookup::Found;
use super::names::{Declaration, Namespace, Place, Tree, Written, is_capital, text};
use super::reader::read_items;
use super::types::Known;

/// Where the annotated item stands. Nothing is read before a name is asked for that the item does not settle.
pub enum Around {
    /// No file is known.
    Nothing,
    /// The item's name, and the name's span.
    Item(String, Span),
    /// A place in a file: the line from one on, the column in characters from zero on, and the item's name.
    At(PathBuf, usize, usize, String),
}

impl Around {
    /// An item with a name.
    pub fn of(name: &Ident) -> Self {
        Self::Item(text(name), name.span())
    }

    pub fn of_impl(item: &ItemImpl) -> Self {
        Self::Item("impl".to_owned(), item.impl_token.span)
    }

    fn read(&self) -> Outer {
        let (path, line, column, name) = match self {
            Self::Nothing => return Outer::Nothing,
            Self::Item(name, span) => {
                let Some(path) = span.local_file() else {
                    return Outer::Nothing;
                };
                let start = span.start();
                (path, start.line, start.column, name)
            }
            Self::At(path, line, column, name) => (path.clone(), *line, *column, name),
        };
        let Some(tree) = file::read(&path) else {
            return Outer::Nothing;
        };
        match file::locate(&tree, line, column, name) {
            Some(located) => Outer::Located(located),
            None => Outer::Somewhere(tree),
        }
    }
}

pub(super) enum Outer {
    Nothing,
    /// In this file, at no place that can be told.
    Somewhere(Arc<Tree>),
    Located(file::Located),
}

pub(super) struct Local {
    pub(super) name: String,
    pub(super) namespace: Namespace,
    pub(super) known: Option<Known>,
}

/// A module, a block, or a part of one.
#[derive(Default)]
pub(super) struct Scope {
    pub(super) locals: Vec<Local>,
    pub(super) items: Option<Place>,
    pub(super) is_module: bool,
}

/// Names are followed so many times for one path.
pub(super) const FUEL: u32 = 512;

pub struct Resolver {
    runtime: Option<Written>,
    around: Around,
    pub(super) outer: OnceCell<Outer>,
    pub(super) scopes: Vec<Scope>,
    pub(super) fuel: Cell<u32>,
    /// The imports that are being followed.
    pub(super) following: RefCell<Vec<*const Declaration>>,
    /// The globs whose modules are being searched: each is searched once.
    pub(super) entered: RefCell<Vec<*const Declaration>>,
    /// What names stand for outside of all scopes, which does not change.
    pub(super) known: RefCell<[HashMap<String, Found>; 3]>,
}

impl Resolver {
    /// `runtime` is the user's `crate = path`.
    pub fn new(runtime: Option<&Path>, around: Around) -> Self {
        Self {
            runtime: runtime.map(written),
            around,
            outer: OnceCell::new(),
            scopes: Vec::new(),
            fuel: Cell::new(FUEL),
            following: RefCell::default(),
            entered: RefCell::default(),
            known: RefCell::default(),
        }
    }

    /// Begins with a module, which sees none of the names around it.
    pub fn enter_module(&mut self, name: &Ident, items: &[Item]) {
        let mut tree = read_items(items.iter(), false);
        tree.modules[0].name = text(name);
        self.scopes.push(Scope {
            items: Some(Place::root(Arc::new(tree))),
            is_module: true,
            ..Scope::default()
        });
    }

    pub fn leave_module(&mut self) {
        self.scopes.pop();
    }

    /// Begins with a block, in the whole of which its items have their names.
    pub fn enter_block(&mut self, block: &Block) {
        let items = || {
            block.stmts.iter().filter_map(|stmt| match stmt {
                Stmt::Item(item) => Some(item),
                _ => None,
            })
        };
        let has_items = items().next().is_some();
        let place = || Place::root(Arc::new(read_items(items(), true)));
        self.scopes.push(Scope {
            items: has_items.then(place),
            ..Scope::default()
        });
    }

    pub fn leave_block(&mut self) {
        self.scopes.pop();
    }

    /// Begins with a closure, an arm or a loop, whose pattern is bound in there alone.
    pub fn enter_scope(&mut self) {
        self.scopes.push(Scope::default());
    }

    pub fn leave_scope(&mut self) {
        self.scopes.pop();
    }

    /// From here to the end of the scope, the names of a pattern are locals.
    pub fn bind(&mut self, pat: &Pat) {
        self.bind_known(pat, None);
    }

    pub(super) fn bind_known(&mut self, pat: &Pat, known: Option<Known>) {
        struct Bound<'a>(&'a mut Vec<Local>, Option<Known>);
        impl<'ast> Visit<'ast> for Bound<'_> {
            fn visit_pat_ident(&mut self, pat: &'ast PatIdent) {
                let name = text(&pat.ident);
                // A name in capitals is a constant or a variant.
                if !is_capital(&name) {
                    self.0.push(Local {
                        name,
                        namespace: Namespace::Value,
                        known: self.1,
                    });
                }
                syn::visit::visit_pat_ident(self, pat);
            }
            fn visit_expr(&mut self, _: &'ast syn::Expr) {}
        }
        Bound(self.locals_mut(), known).visit_pat(pat);
    }

    fn locals_mut(&mut self) -> &mut Vec<Local> {
        if self.scopes.is_empty() {
            self.enter_scope();
        }
        let innermost = self.scopes.len() - 1;
        &mut self.scopes[innermost].locals
    }

    pub fn bind_signature(&mut self, sig: &Signature) {
        self.bind_generics(&sig.generics);
        for input in &sig.inputs {
            if let FnArg::Typed(input) = input {
                let known = self.type_known(&input.ty);
                self.bind_known(&input.pat, known);
            }
        }
    }

    /// From here to the end of the scope, the parameters of an `impl` or a function are names of types.
    pub fn bind_generics(&mut self, generics: &Generics) {
        for parameter in &generics.params {
            let (ident, namespace) = match parameter {
                GenericParam::Type(parameter) => (&parameter.ident, Namespace::Type),
                GenericParam::Const(parameter) => (&parameter.ident, Namespace::Value),
                GenericParam::Lifetime(_) => continue,
            };
            let name = text(ident);
            self.locals_mut().push(Local {
                name,
                namespace,
                known: None,
            });
        }
    }

    /// The path from a crate that the path of a value stands for, or `None` where that is not certain.
    pub fn resolve(&self, path: &Path) -> Option<Vec<String>> {
        self.resolve_in(path, Namespace::Value)
    }

    /// The path from a crate that the path of a type or a module stands for.
    pub fn resolve_type(&self, path: &Path) -> Option<Vec<String>> {
        self.resolve_in(path, Namespace::Type)
    }

    /// The path from a crate that the path of a macro stands for.
    pub fn resolve_macro(&self, path: &Path) -> Option<Vec<String>> {
        self.resolve_in(path, Namespace::Macro)
    }

    /// Whether a path begins with a name that the module here declares, and not with a crate or with a module by its place.
    pub fn is_relative(&self, path: &Path) -> bool {
        let mut path = written(path);
        path.segments.truncate(1);
        let by_place = ["crate", "self", "super", "Self"].contains(&&*path.segments[0]);
        match self.resolve_here(&path, Namespace::Type) {
            _ if path.absolute || by_place => false,
            Found::Path(full) => full != path.segments,
            Found::Module(_) | Found::Local | Found::Made => true,
            Found::Nothing | Found::Unknown => false,
        }
    }

    /// Whether nothing in sight declares the value of this path.
    pub fn is_undeclared(&self, path: &Path) -> bool {
        let found = self.resolve_here(&written(path), Namespace::Value);
        matches!(found, Found::Nothing | Found::Unknown)
    }

    /// Whether nothing in sight declares the macro of this name, so that one of another crate may be in scope under it.
    pub fn is_undeclared_macro(&self, path: &Path) -> bool {
        let found = self.resolve_here(&written(path), Namespace::Macro);
        path.get_ident().is_some() && matches!(found, Found::Nothing | Found::Unknown)
    }

    fn resolve_in(&self, path: &Path, namespace: Namespace) -> Option<Vec<String>> {
        let written = written(path);
        let found = self.resolve_here(&written, namespace);
        let Some(runtime) = &self.runtime else {
            return match found {
                Found::Path(path) => Some(path),
                _ => None,
            };
        };
        let behind = |path: &[String], runtime: &[String]| {
            let rest = path.strip_prefix(runtime)?;
            Some([&["rejoin".to_owned()], rest].concat())
        };
        match found {
            Found::Path(path) => match self.resolve_here(runtime, Namespace::Type) {
                Found::Path(runtime) => behind(&path, &runtime).or(Some(path)),
                _ => Some(path),
            },
            Found::Unknown | Found::Made if written.absolute == runtime.absolute => {
                behind(&written.segments, &runtime.segments)
            }
            _ => None,
        }
    }

    /// The local of this name, if nothing nearer has it.
    pub(super) fn local(&self, name: &str) -> Option<&Local> {
        for scope in self.scopes.iter().rev() {
            let mut locals = scope.locals.iter().rev();
            if let Some(local) = locals.find(|it| it.name == name) {
                return Some(local);
            }
            let hides = |items: &Place| items.get().names.contains_key(name);
            if scope.is_module || scope.items.as_ref().is_some_and(hides) {
                return None;
            }
        }
        None
    }

    pub(super) fn outer(&self) -> &Outer {
        self.outer.get_or_init(|| self.around.read())
    }

    pub(super) fn outer_places(&self) -> &[Place] {
        match self.outer() {
            Outer::Located(located) => &located.places,
            _ => &[],
        }
    }
}

fn written(path: &Path) -> Written {
    Written {
        absolute: path.leading_colon.is_some(),
        segments: path
            .segments
            .iter()
            .map(|segment| text(&segment.ident))
            .collect(),
    }
}
