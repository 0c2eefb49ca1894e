//! The names that modules and blocks declare, and those of other crates that are known.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::{Attribute, Ident, Item, ItemMod};

use super::reader::{Body, Spot};

/// Types and modules, values, and macros have names of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Namespace {
    Type = 1,
    Value = 2,
    Macro = 4,
}

impl Namespace {
    pub fn index(self) -> usize {
        match self {
            Self::Type => 0,
            Self::Value => 1,
            Self::Macro => 2,
        }
    }
}

/// A path as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// It begins with `::`.
    pub absolute: bool,
    pub segments: Vec<String>,
}

/// Where a declaration can be named.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Visibility {
    #[default]
    Private,
    Super,
    /// `pub`, and every other restriction.
    Crate,
}

#[derive(Debug)]
pub enum Kind {
    /// An item that is no module, in the namespaces of the set.
    Item(u8),
    /// An inline module: its index in the tree.
    Module(usize),
    /// A module in another file.
    File,
    /// A module in a file that is not looked for: `#[path]` names it.
    Unread,
    Import(Written),
}

#[derive(Debug)]
pub struct Declaration {
    pub kind: Kind,
    /// It stands under `#[cfg]` or in the input of a macro.
    pub conditional: bool,
    pub visibility: Visibility,
}

/// One module or block.
#[derive(Debug, Default)]
pub struct Module {
    pub name: String,
    pub parent: Option<usize>,
    pub names: HashMap<String, Vec<Declaration>>,
    pub globs: Vec<Declaration>,
    /// The crates of `#[macro_use] extern crate`.
    pub macro_crates: Vec<String>,
}

/// A file, an annotated module or a block, with its inline modules; the first is the outermost.
#[derive(Debug, Default)]
pub struct Tree {
    pub modules: Vec<Module>,
    /// The first module is a block, which sees the names around it.
    pub is_block: bool,
    pub path: Option<PathBuf>,
    pub(super) text: Arc<str>,
    /// Where each line begins, once a place is asked for.
    pub(super) lines: OnceLock<Vec<usize>>,
    /// The module that declares the file, once it is asked for.
    pub(super) parent: OnceLock<Option<Place>>,
    pub(super) spots: HashMap<usize, Spot>,
    pub(super) bodies: Vec<Body>,
}

/// A module of a tree.
#[derive(Clone, Debug)]
pub struct Place {
    pub tree: Arc<Tree>,
    pub module: usize,
}

impl PartialEq for Place {
    fn eq(&self, other: &Self) -> bool {
        self.module == other.module && Arc::ptr_eq(&self.tree, &other.tree)
    }
}

impl Place {
    pub fn root(tree: Arc<Tree>) -> Self {
        Self { tree, module: 0 }
    }

    pub fn get(&self) -> &Module {
        &self.tree.modules[self.module]
    }

    pub fn is_block(&self) -> bool {
        self.tree.is_block && self.module == 0
    }

    /// Another module of the tree.
    pub(super) fn at(&self, module: usize) -> Self {
        let tree = Arc::clone(&self.tree);
        Self { tree, module }
    }
}

impl Tree {
    pub fn new(is_block: bool) -> Self {
        Self {
            modules: vec![Module::default()],
            is_block,
            ..Self::default()
        }
    }

    pub(super) fn child(&mut self, parent: usize, name: &str) -> usize {
        self.modules.push(Module {
            name: name.to_owned(),
            parent: Some(parent),
            ..Module::default()
        });
        self.modules.len() - 1
    }

    pub(super) fn declare(&mut self, module: usize, name: &str, declaration: Declaration) {
        let names = &mut self.modules[module].names;
        names.entry(name.to_owned()).or_default().push(declaration);
    }

    /// Adds one leaf of a `use` tree.
    pub(super) fn import(&mut self, module: usize, import: &Import<'_>, leaf: &str, name: &str) {
        let mut segments = import.prefix.to_vec();
        let mut name = name;
        if leaf == "self" {
            if name == "self" {
                let Some(last) = import.prefix.last() else {
                    return;
                };
                name = last;
            }
        } else if leaf != "*" {
            segments.push(leaf.to_owned());
        }
        let declaration = Declaration {
            kind: Kind::Import(Written {
                absolute: import.absolute,
                segments,
            }),
            conditional: import.conditional,
            visibility: import.visibility,
        };
        match leaf {
            "*" => self.modules[module].globs.push(declaration),
            _ => self.declare(module, name, declaration),
        }
    }

    pub(super) fn extern_crate(
        &mut self,
        module: usize,
        import: &Import<'_>,
        krate: &str,
        name: &str,
        macro_use: bool,
    ) {
        if macro_use {
            self.modules[module].macro_crates.push(krate.to_owned());
        }
        let import = Import {
            absolute: krate != "self",
            ..*import
        };
        let leaf = if krate == "self" { "crate" } else { krate };
        self.import(module, &import, leaf, name);
    }
}

/// A tuple or unit struct is a value as well.
pub(super) const STRUCT: u8 = Namespace::Type as u8 | Namespace::Value as u8;

/// What the leaves of a `use` tree have in common.
#[derive(Clone, Copy)]
pub(super) struct Import<'a> {
    pub absolute: bool,
    pub prefix: &'a [String],
    pub conditional: bool,
    pub visibility: Visibility,
}

pub fn text(ident: &Ident) -> String {
    ident.unraw().to_string()
}

/// Whether a name is that of a type or a variant, by the convention for names.
pub(super) fn is_capital(name: &str) -> bool {
    name.starts_with(char::is_uppercase)
}

/// Writes the declarations of items, without bodies, for the reader of files to read.
pub(super) fn print<'a>(items: impl Iterator<Item = &'a Item>, to: &mut String) {
    let attrs = |attrs: &[Attribute]| {
        let counts = |attr: &&Attribute| !attr.path().is_ident("doc");
        let attrs = attrs.iter().filter(counts);
        attrs
            .map(|attr| attr.to_token_stream().to_string())
            .collect::<String>()
    };
    for item in items {
        match item {
            Item::Impl(_) => {}
            Item::Fn(item) => {
                let (vis, sig) = (&item.vis, &item.sig);
                *to += &attrs(&item.attrs);
                *to += &quote!(#vis #sig;).to_string();
            }
            Item::Mod(ItemMod {
                attrs: on_mod,
                vis,
                ident,
                content: Some((_, items)),
                ..
            }) => {
                *to += &attrs(on_mod);
                *to += &quote!(#vis mod #ident).to_string();
                *to += "{";
                print(items.iter(), to);
                *to += "}";
            }
            item => *to += &item.to_token_stream().to_string(),
        }
        *to += "\n";
    }
}
