//! What a path means, as far as the macro can see: the `use` declarations of the annotated module and of the function.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

use syn::ext::IdentExt;
use syn::visit::Visit;
use syn::{Block, Item, Pat, PatIdent, Path, Stmt, UseTree};

/// A path as written: its segments, and whether it began with `::`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Written {
    absolute: bool,
    segments: Vec<String>,
}

/// The names that one block or module declares.
#[derive(Default)]
struct Scope {
    imports: HashMap<String, Vec<Written>>,
    items: HashSet<String>,
    glob: bool,
}

impl Scope {
    fn of<'a>(items: impl Iterator<Item = &'a Item>) -> Self {
        let mut scope = Self::default();
        for item in items {
            scope.add(item);
        }
        scope
    }

    fn add(&mut self, item: &Item) {
        let ident = match item {
            Item::Use(item) => {
                let absolute = item.leading_colon.is_some();
                self.import(&item.tree, absolute, &mut Vec::new());
                return;
            }
            Item::ExternCrate(item) => {
                let name = item.rename.as_ref().map_or(&item.ident, |(_, name)| name);
                self.imports.entry(text(name)).or_default().push(Written {
                    absolute: true,
                    segments: vec![text(&item.ident)],
                });
                return;
            }
            Item::Macro(item) => {
                // A macro that is called may declare anything.
                match &item.ident {
                    Some(ident) => ident,
                    None => return self.glob = true,
                }
            }
            Item::Const(item) => &item.ident,
            Item::Enum(item) => &item.ident,
            Item::Fn(item) => &item.sig.ident,
            Item::Mod(item) => &item.ident,
            Item::Static(item) => &item.ident,
            Item::Struct(item) => &item.ident,
            Item::Trait(item) => &item.ident,
            Item::TraitAlias(item) => &item.ident,
            Item::Type(item) => &item.ident,
            Item::Union(item) => &item.ident,
            _ => return,
        };
        self.items.insert(text(ident));
    }

    fn import(&mut self, tree: &UseTree, absolute: bool, prefix: &mut Vec<String>) {
        match tree {
            UseTree::Path(path) => {
                prefix.push(text(&path.ident));
                self.import(&path.tree, absolute, prefix);
                prefix.pop();
            }
            UseTree::Name(name) => self.name(&name.ident, &name.ident, absolute, prefix),
            UseTree::Rename(rename) => {
                self.name(&rename.ident, &rename.rename, absolute, prefix);
            }
            UseTree::Glob(_) => self.glob = true,
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.import(tree, absolute, prefix);
                }
            }
        }
    }

    fn name(&mut self, what: &syn::Ident, name: &syn::Ident, absolute: bool, prefix: &[String]) {
        let mut segments = prefix.to_vec();
        let mut name = text(name);
        if what == "self" {
            if name == "self" {
                let Some(last) = prefix.last() else { return };
                name.clone_from(last);
            }
        } else {
            segments.push(text(what));
        }
        self.imports
            .entry(name)
            .or_default()
            .push(Written { absolute, segments });
    }
}

/// What a name stands for, if for one thing, when so many imports may still be followed.
type Known = HashMap<(String, u8), Option<Vec<String>>>;

/// The names in force at a place of a function.
pub struct Resolver {
    scopes: Vec<Scope>,
    /// What patterns bind anywhere in the function: such a name alone is never an import.
    bound: HashSet<String>,
    /// The path of the runtime, when it was given.
    runtime: Option<Written>,
    /// What imported names were found to stand for, in the scopes as they are. Alternatives have alternatives, so that
    /// their number could grow without bounds.
    known: RefCell<Known>,
}

impl Resolver {
    pub fn enter_module(&mut self, _: &syn::Ident, items: &[Item]) {
        self.scopes.push(Scope::of(items.iter()));
        self.known.get_mut().clear();
    }
    pub fn leave_module(&mut self) {
        self.scopes.pop();
        self.known.get_mut().clear();
    }
    pub fn enter_scope(&mut self) {}
    pub fn leave_scope(&mut self) {}
    pub fn bind(&mut self, pat: &Pat) {
        struct Bound<'a>(&'a mut HashSet<String>);
        impl<'ast> Visit<'ast> for Bound<'_> {
            fn visit_pat_ident(&mut self, pat: &'ast PatIdent) {
                self.0.insert(text(&pat.ident));
                syn::visit::visit_pat_ident(self, pat);
            }
        }
        Bound(&mut self.bound).visit_pat(pat);
    }
    pub fn bind_signature(&mut self, sig: &syn::Signature) {
        for input in &sig.inputs {
            if let syn::FnArg::Typed(input) = input {
                self.bind(&input.pat);
            }
        }
    }
    pub fn resolve_macro(&self, path: &Path) -> Option<Vec<String>> {
        let segments = written(path).segments;
        match &*segments {
            [only] if self.is_prelude(only) => Some(vec!["std".to_owned(), only.clone()]),
            [_] => None,
            _ => Some(segments),
        }
    }

    /// The names of a module whose items the macro sees, or of none.
    pub fn new<'a>(runtime: Option<&Path>, items: impl IntoIterator<Item = &'a Item>) -> Self {
        Self {
            scopes: vec![Scope::of(items.into_iter())],
            bound: HashSet::new(),
            runtime: runtime.map(written),
            known: RefCell::default(),
        }
    }

    /// Begins with a function: what its signature and its body bind.
    pub fn enter_function(&mut self, signature: &syn::Signature, body: &Block) {
        struct Bound(HashSet<String>);
        impl<'ast> Visit<'ast> for Bound {
            fn visit_pat_ident(&mut self, pat: &'ast PatIdent) {
                self.0.insert(text(&pat.ident));
                syn::visit::visit_pat_ident(self, pat);
            }
        }
        let mut bound = Bound(HashSet::new());
        bound.visit_signature(signature);
        bound.visit_block(body);
        self.bound = bound.0;
    }

    pub fn enter_block(&mut self, block: &Block) {
        let items = block.stmts.iter().filter_map(|stmt| match stmt {
            Stmt::Item(item) => Some(item),
            _ => None,
        });
        let scope = Scope::of(items);
        self.forget(&scope);
        self.scopes.push(scope);
    }

    pub fn leave_block(&mut self) {
        if let Some(scope) = self.scopes.pop() {
            self.forget(&scope);
        }
    }

    /// A scope comes or goes: what was known is so no longer, unless it declares nothing.
    fn forget(&mut self, scope: &Scope) {
        if scope.glob || !scope.items.is_empty() || !scope.imports.is_empty() {
            self.known.get_mut().clear();
        }
    }

    /// The full path that `path` stands for, or `None` where that is not certain.
    pub fn resolve(&self, path: &Path) -> Option<Vec<String>> {
        let written = written(path);
        if let Some(runtime) = &self.runtime
            && written.absolute == runtime.absolute
            && written.segments.starts_with(&runtime.segments)
        {
            let mut segments = vec!["rejoin".to_owned()];
            segments.extend_from_slice(&written.segments[runtime.segments.len()..]);
            return Some(segments);
        }
        if let ([only], false) = (&*written.segments, written.absolute)
            && self.bound.contains(only)
        {
            return None;
        }
        if let ([only], false) = (&*written.segments, written.absolute)
            && only == "drop"
            && self.is_prelude("drop")
        {
            return Some(vec!["std".into(), "mem".into(), "drop".into()]);
        }
        let mut full = self.resolve_written(&written, 8)?;
        if full[0] == "core" {
            full[0] = "std".to_owned();
        }
        Some(full)
    }

    /// Whether a single name is what the prelude says: nothing here declares it.
    pub fn is_prelude(&self, name: &str) -> bool {
        !self.bound.contains(name) && !self.is_declared(name)
    }

    /// Whether an item here has this name.
    pub fn declares(&self, name: &str) -> bool {
        self.scopes.iter().any(|scope| scope.items.contains(name))
    }

    fn is_declared(&self, name: &str) -> bool {
        self.scopes
            .iter()
            .any(|scope| scope.items.contains(name) || scope.imports.contains_key(name))
    }

    /// What an imported name stands for: one thing, whatever the conditions are.
    fn imported(&self, name: &String, alternatives: &[Written], depth: u8) -> Option<Vec<String>> {
        let key = (name.clone(), depth);
        if let Some(known) = self.known.borrow().get(&key) {
            return known.clone();
        }
        let mut resolved = alternatives.iter().map(|import| {
            let crate_alone =
                |import: &Written| matches!(&*import.segments, [only] if !self.is_declared(only));
            // `use tokio;`, `use tokio::{self}` and `use tokio as t;` name the crate.
            if import.segments.first() == Some(name) || crate_alone(import) {
                Some(import.segments.clone())
            } else {
                self.resolve_written(import, depth)
            }
        });
        let one = resolved
            .next()
            .flatten()
            .filter(|one| resolved.all(|other| other.as_ref() == Some(one)));
        self.known.borrow_mut().insert(key, one.clone());
        one
    }

    fn resolve_written(&self, path: &Written, depth: u8) -> Option<Vec<String>> {
        let depth = depth.checked_sub(1)?;
        let first = path.segments.first()?;
        if path.absolute {
            return Some(path.segments.clone());
        }
        if matches!(&**first, "self" | "super" | "crate" | "Self") {
            return None;
        }
        let mut hidden = false;
        for scope in self.scopes.iter().rev() {
            if scope.items.contains(first) {
                return None;
            }
            if let Some(alternatives) = scope.imports.get(first) {
                // What a glob of an inner block brings hides this; what, nobody can see.
                if hidden {
                    return None;
                }
                let mut base = self.imported(first, alternatives, depth)?;
                base.extend_from_slice(&path.segments[1..]);
                return Some(base);
            }
            hidden |= scope.glob;
        }
        // Several segments that nothing declares begin with a crate.
        (path.segments.len() > 1).then(|| path.segments.clone())
    }
}

fn written(path: &Path) -> Written {
    Written {
        absolute: path.leading_colon.is_some(),
        segments: path.segments.iter().map(|s| text(&s.ident)).collect(),
    }
}

fn text(ident: &syn::Ident) -> String {
    ident.unraw().to_string()
}

/// The name of a pattern that is a plain binding.
pub fn plain_binding(pat: &Pat) -> Option<&PatIdent> {
    match pat {
        Pat::Ident(ident) if ident.by_ref.is_none() && ident.subpat.is_none() => Some(ident),
        _ => None,
    }
}
