//! Follows names through scopes, modules, imports and globs, for the [`Resolver`].

use std::sync::Arc;

use super::names::{Declaration, Kind, Namespace, Place, Tree, Visibility, Written, is_capital};
use super::resolve::{FUEL, Local, Outer, Resolver};
use super::{file, prelude};

/// What a name or a path stands for.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Found {
    /// A path from a crate.
    Path(Vec<String>),
    Module(Place),
    /// Something of this crate that is no module.
    Local,
    /// It is not declared.
    Nothing,
    /// Of a module that has not been read: a macro makes it, or its file is not found.
    Made,
    Unknown,
}

/// What has been seen on the way to a declaration that is certain.
#[derive(Default)]
struct Search {
    /// Declarations under conditions: all of them, and the certain one, must be the same.
    conditional: Vec<Found>,
    /// A glob of another crate stands nearer.
    foreign: bool,
}

impl Search {
    fn is_empty(&self) -> bool {
        self.conditional.is_empty() && !self.foreign
    }

    fn settle(self, last: Found) -> Found {
        let mut conditional = self.conditional.into_iter();
        let Some(first) = conditional.next() else {
            return last;
        };
        // A crate that has the name of a conditional import is none that is known.
        let last = match last {
            Found::Path(path) if path.len() == 1 && !prelude::is_known_crate(&path[0]) => {
                Found::Nothing
            }
            last => last,
        };
        let same = conditional.all(|other| other == first);
        if same && (last == first || last == Found::Nothing) {
            first
        } else {
            Found::Unknown
        }
    }
}

/// A place in the scopes, each counted from the outermost.
pub(super) enum At {
    Scope(usize),
    /// Around the annotated item.
    Outer(usize),
    Module(Place),
    /// No scope is left.
    End,
}

impl Resolver {
    /// The innermost scope.
    pub(super) fn here(&self) -> At {
        match self.scopes.len() {
            0 => self.outermost(),
            length => At::Scope(length - 1),
        }
    }

    /// The innermost of the scopes around the annotated item.
    pub(super) fn outermost(&self) -> At {
        match self.outer_places().len() {
            0 => At::End,
            length => At::Outer(length - 1),
        }
    }

    fn outward(&self, at: &At) -> At {
        match *at {
            At::Scope(index) if self.scopes[index].is_module => At::End,
            At::Scope(0) => self.outermost(),
            At::Scope(index) => At::Scope(index - 1),
            At::Outer(index) if index > 0 && self.outer_places()[index].is_block() => {
                At::Outer(index - 1)
            }
            At::Outer(_) | At::Module(_) | At::End => At::End,
        }
    }

    /// Where a tree stands in the scopes.
    fn at_tree(&self, tree: &Arc<Tree>) -> At {
        let is_it = |place: &Place| Arc::ptr_eq(&place.tree, tree);
        let scopes = self.scopes.iter();
        if let Some(index) = scopes
            .enumerate()
            .rev()
            .find_map(|(index, scope)| scope.items.as_ref().is_some_and(is_it).then_some(index))
        {
            return At::Scope(index);
        }
        self.outer_places()
            .iter()
            .rposition(is_it)
            .map_or(At::End, At::Outer)
    }

    pub(super) fn resolve_here(&self, path: &Written, namespace: Namespace) -> Found {
        self.fuel.set(FUEL);
        self.follow(path, namespace, self.here(), true)
    }

    /// Resolves a path at a place in the scopes.
    fn follow(&self, path: &Written, namespace: Namespace, at: At, locals: bool) -> Found {
        let (Some((first, rest)), fuel @ 1..) = (path.segments.split_first(), self.fuel.get())
        else {
            return Found::Unknown;
        };
        self.fuel.set(fuel - 1);
        if path.absolute {
            let mut path = path.segments.clone();
            path[0] = prelude::krate(first);
            return Found::Path(path);
        }
        let begin = match &**first {
            "self" | "super" | "crate" => self.keyword(first, self.module_around(&at)),
            "Self" | "$crate" => Found::Unknown,
            _ if rest.is_empty() => self.lexical(first, namespace, at, locals),
            _ => self.lexical(first, Namespace::Type, at, locals),
        };
        self.walk(begin, rest, namespace)
    }

    /// Goes from what the first segment stands for through the others.
    fn walk(&self, begin: Found, rest: &[String], namespace: Namespace) -> Found {
        let mut found = begin;
        for (index, segment) in rest.iter().enumerate() {
            match found {
                Found::Path(mut path) => {
                    path.extend_from_slice(&rest[index..]);
                    return Found::Path(path);
                }
                Found::Module(place) if segment == "super" => {
                    found = self.keyword("super", Some(place));
                }
                Found::Module(place) => {
                    let last = index + 1 == rest.len();
                    let namespace = if last { namespace } else { Namespace::Type };
                    found = match self.member(&place, segment, namespace, &place) {
                        Found::Nothing => Found::Made,
                        found => found,
                    };
                }
                other => return other,
            }
        }
        found
    }

    /// The module that a scope is in.
    pub(super) fn module_around(&self, at: &At) -> Option<Place> {
        match at {
            At::Scope(index) if self.scopes[*index].is_module => self.scopes[*index].items.clone(),
            At::Outer(index) if !self.outer_places()[*index].is_block() => {
                Some(self.outer_places()[*index].clone())
            }
            At::Module(place) => Some(place.clone()),
            At::End => None,
            _ => self.module_around(&self.outward(at)),
        }
    }

    /// The module around another, which may stand in another file.
    pub(super) fn parent(&self, place: &Place) -> Option<Place> {
        if place.tree.path.is_some() && place.module == 0 {
            return file::parent(&place.tree);
        }
        match place.get().parent {
            // A module in a block is in the module that the block is in.
            Some(parent) if parent > 0 || !place.tree.is_block => Some(place.at(parent)),
            _ => self.module_around(&self.around_tree(&place.tree)),
        }
    }

    /// The scope around a tree.
    fn around_tree(&self, tree: &Arc<Tree>) -> At {
        let is_it = |place: &Place| Arc::ptr_eq(&place.tree, tree);
        match self.at_tree(tree) {
            At::Scope(0) => self.outermost(),
            At::Scope(index) => At::Scope(index - 1),
            _ => match self.outer_places().iter().position(is_it) {
                None | Some(0) => At::End,
                Some(index) => At::Outer(index - 1),
            },
        }
    }

    fn keyword(&self, keyword: &str, module: Option<Place>) -> Found {
        let Some(module) = module else {
            return Found::Unknown;
        };
        let found = match keyword {
            "self" => Some(module),
            "super" => self.parent(&module),
            _ => self.root(module),
        };
        // The file that declares the module is not found: it is included in another, or a macro declares it.
        found.map_or(Found::Made, Found::Module)
    }

    pub(super) fn root(&self, mut module: Place) -> Option<Place> {
        while let Some(parent) = self.parent(&module) {
            module = parent;
        }
        file::is_root(&module.tree).then_some(module)
    }

    /// Resolves a name from a place in the scopes outward.
    fn lexical(&self, name: &str, namespace: Namespace, mut at: At, locals: bool) -> Found {
        let mut search = Search::default();
        let mut is_kept = false;
        let found = loop {
            let place = match &at {
                At::End => break self.outside(name, namespace),
                At::Scope(index) => {
                    let scope = &self.scopes[*index];
                    let is_it = |it: &Local| it.namespace == namespace && it.name == name;
                    if locals && scope.locals.iter().any(is_it) {
                        break Found::Local;
                    }
                    scope.items.as_ref()
                }
                At::Outer(index) => {
                    if *index + 1 == self.outer_places().len() {
                        if locals && namespace == Namespace::Type && self.is_parameter(name) {
                            break Found::Local;
                        }
                        is_kept = search.is_empty() && self.following.borrow().is_empty();
                        let known = &self.known.borrow()[namespace.index()];
                        if is_kept && let Some(known) = known.get(name) {
                            return known.clone();
                        }
                    }
                    Some(&self.outer_places()[*index])
                }
                At::Module(place) => Some(place),
            };
            if let Some(place) = place {
                let foreign = search.foreign;
                let found = self.declared(place, name, namespace, place, &mut search);
                if found != Found::Nothing {
                    let is_crate =
                        matches!(&found, Found::Path(path) if *path == [prelude::krate(name)]);
                    break if foreign && !is_crate {
                        Found::Unknown
                    } else {
                        found
                    };
                }
            }
            at = self.outward(&at);
        };
        let found = search.settle(found);
        if is_kept && self.fuel.get() > 0 {
            let known = &mut self.known.borrow_mut()[namespace.index()];
            known.insert(name.to_owned(), found.clone());
        }
        found
    }

    /// Whether the annotated function is in an `impl` or a trait with a parameter of this name.
    fn is_parameter(&self, name: &str) -> bool {
        matches!(self.outer(), Outer::Located(located) if located.generics.iter().any(|it| it == name))
    }

    /// What a member of a module stands for, for a path that stands in another.
    fn member(&self, module: &Place, name: &str, namespace: Namespace, from: &Place) -> Found {
        let mut search = Search::default();
        let found = self.declared(module, name, namespace, from, &mut search);
        search.settle(found)
    }

    /// What a module or a block declares under a name that can be named in the module `from`.
    fn declared(
        &self,
        place: &Place,
        name: &str,
        namespace: Namespace,
        from: &Place,
        search: &mut Search,
    ) -> Found {
        let module = place.get();
        let declarations = module.names.get(name).map_or(&[][..], |names| names);
        let visible = |it: &&Declaration| self.is_visible(it, place, from);
        let mut certain = Found::Nothing;
        let (imports, items): (Vec<_>, Vec<_>) = declarations
            .iter()
            .filter(visible)
            .partition(|it| matches!(it.kind, Kind::Import(_)));
        // An import that no sources show may be of another namespace than an item.
        for declaration in items.into_iter().chain(imports) {
            let found = self.declaration(place, Some(name), namespace, declaration);
            if found == Found::Nothing {
                continue;
            }
            if declaration.conditional {
                search.conditional.push(found);
            } else if certain == Found::Nothing {
                certain = found;
            } else if certain != found && matches!(declaration.kind, Kind::Import(_)) {
                let by_item = matches!(certain, Found::Local | Found::Module(_));
                certain = if by_item { certain } else { Found::Unknown };
            }
        }
        if certain != Found::Nothing {
            return certain;
        }
        let is_of_module = |it: &&Declaration| match &it.kind {
            Kind::Import(path) => !path.segments.last().is_some_and(|last| is_capital(last)),
            _ => false,
        };
        let mut hidden = false;
        for glob in module.globs.iter().filter(visible).filter(is_of_module) {
            let key = std::ptr::from_ref(glob);
            if self.entered.borrow().contains(&key) {
                continue;
            }
            self.entered.borrow_mut().push(key);
            let found = self.declaration(place, None, Namespace::Type, glob);
            let found = self.glob(found, glob.conditional, name, namespace, from, search);
            self.entered.borrow_mut().pop();
            match found {
                Found::Nothing => {}
                Found::Unknown => hidden = true,
                found => return found,
            }
        }
        if hidden {
            Found::Unknown
        } else {
            Found::Nothing
        }
    }

    /// What a glob brings under a name.
    fn glob(
        &self,
        of: Found,
        conditional: bool,
        name: &str,
        namespace: Namespace,
        from: &Place,
        search: &mut Search,
    ) -> Found {
        let found = match of {
            Found::Module(module) => {
                let mut inner = Search::default();
                let found = self.declared(&module, name, namespace, from, &mut inner);
                search.foreign |= inner.foreign;
                inner.settle(found)
            }
            Found::Path(mut path) if prelude::provides(&path, name) => {
                path.push(name.to_owned());
                Found::Path(path)
            }
            Found::Path(_) | Found::Made => {
                search.foreign = true;
                Found::Nothing
            }
            // The variants of an enum, or an import that is being followed.
            Found::Local | Found::Nothing => Found::Nothing,
            Found::Unknown => Found::Unknown,
        };
        match found {
            Found::Nothing | Found::Unknown => found,
            found if conditional => {
                search.conditional.push(found);
                Found::Nothing
            }
            found => found,
        }
    }

    /// What one declaration of a module stands for; of a glob, which has no name, the module.
    ///
    /// An import does not bring the first segment of its own path.
    fn declaration(
        &self,
        place: &Place,
        name: Option<&str>,
        namespace: Namespace,
        declaration: &Declaration,
    ) -> Found {
        match &declaration.kind {
            Kind::Item(namespaces) if namespaces & namespace as u8 != 0 => Found::Local,
            Kind::Module(module) if namespace == Namespace::Type => {
                Found::Module(place.at(*module))
            }
            Kind::File if namespace == Namespace::Type => name
                .and_then(|name| file::child(place, name))
                .map_or(Found::Made, Found::Module),
            Kind::Unread if namespace == Namespace::Type => Found::Made,
            Kind::Import(path) => {
                let key = std::ptr::from_ref(declaration);
                let following = self.following.borrow();
                if following.contains(&key) {
                    return if following.last() == Some(&key) {
                        Found::Nothing
                    } else {
                        Found::Unknown
                    };
                }
                drop(following);
                self.following.borrow_mut().push(key);
                let at = if place.is_block() {
                    self.at_tree(&place.tree)
                } else {
                    At::Module(place.clone())
                };
                let found = self.follow(path, namespace, at, false);
                self.following.borrow_mut().pop();
                found
            }
            _ => Found::Nothing,
        }
    }

    fn is_visible(&self, declaration: &Declaration, place: &Place, from: &Place) -> bool {
        let within = match declaration.visibility {
            _ if place == from || place.is_block() => return true,
            Visibility::Crate => return true,
            Visibility::Private => Some(place.clone()),
            Visibility::Super => self.parent(place),
        };
        let Some(within) = within else { return true };
        let mut module = Some(from.clone());
        while let Some(at) = module {
            if at == within {
                return true;
            }
            module = self.parent(&at);
        }
        false
    }
}
