//! Calls that return handles without being spawns: functions named in `tracks(…)`, and functions annotated beside.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use syn::ext::IdentExt;
use syn::{GenericArgument, Path, PathArguments, ReturnType, Signature, Type};

use super::Many;

/// Where the handles are in a return type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    Handle,
    Many(Many),
    Tuple(Vec<Option<Shape>>),
}

impl Shape {
    /// The handles in a type, as far as it is spelled out.
    pub(crate) fn of(ty: &Type) -> Option<Self> {
        match ty {
            Type::Group(group) => Self::of(&group.elem),
            Type::Paren(paren) => Self::of(&paren.elem),
            Type::Array(array) => Self::of(&array.elem).map(|_| Self::Many(Many::List)),
            Type::Tuple(tuple) => {
                let parts: Vec<_> = tuple.elems.iter().map(Self::of).collect();
                parts
                    .iter()
                    .any(Option::is_some)
                    .then_some(Self::Tuple(parts))
            }
            Type::Path(path) if path.qself.is_none() => {
                let last = path.path.segments.last()?;
                let name = last.ident.unraw().to_string();
                if name == "JoinHandle" {
                    return Some(Self::Handle);
                }
                let PathArguments::AngleBracketed(generics) = &last.arguments else {
                    return None;
                };
                let mut types = generics.args.iter().filter_map(|arg| match arg {
                    GenericArgument::Type(ty) => Some(ty),
                    _ => None,
                });
                match &*name {
                    "Option" | "Result" | "Box" => Self::of(types.next()?),
                    name => {
                        let many = super::tables::collection(name)?;
                        Self::of(types.last()?).map(|_| Self::Many(many))
                    }
                }
            }
            _ => None,
        }
    }

    /// The handles that a function with this signature returns.
    #[must_use]
    pub fn returned(signature: &Signature) -> Option<Self> {
        match &signature.output {
            ReturnType::Default => None,
            ReturnType::Type(_, ty) => Self::of(ty),
        }
    }
}

/// What a call returns.
#[derive(Clone, Debug)]
pub(super) struct Returned {
    pub(super) shape: Shape,
    /// Whether in an `Option`.
    pub(super) optional: bool,
    /// Whether as a future.
    pub(super) later: bool,
}

impl Returned {
    fn handle() -> Self {
        Self {
            shape: Shape::Handle,
            optional: false,
            later: false,
        }
    }
}

/// By the type that a function belongs to, if any, and its name.
type Beside = HashMap<(Option<String>, String), Returned>;

/// The functions whose calls return handles.
#[derive(Clone, Debug, Default)]
pub struct Tracked {
    /// The segments of the paths in `tracks(…)`.
    pub paths: Rc<HashSet<Vec<String>>>,
    /// The functions of the annotated module.
    beside: Rc<Beside>,
    /// The type whose `impl` is read.
    pub(crate) owner: Option<String>,
}

impl Tracked {
    /// Adds a function of the annotated module or `impl`.
    pub fn note(&mut self, owner: Option<&str>, signature: &Signature) {
        if let Some(shape) = Shape::returned(signature) {
            let key = (
                owner.map(str::to_owned),
                signature.ident.unraw().to_string(),
            );
            let returned = Returned {
                shape,
                optional: is_option(signature),
                later: signature.asyncness.is_some(),
            };
            Rc::make_mut(&mut self.beside).insert(key, returned);
        }
    }

    /// What a call of this path returns.
    pub(super) fn call(&self, path: &Path, resolved: Option<&[String]>) -> Option<Returned> {
        let text = segments(path);
        let given = |path: &[String]| self.paths.contains(path);
        if given(&text) || resolved.is_some_and(given) {
            return Some(Returned::handle());
        }
        let (owner, name) = match &*text {
            [name] => (None, name),
            [first, name] if first == "self" => (None, name),
            [first, name] if first == "Self" => (Some(self.owner.clone()?), name),
            [owner, name] => (Some(owner.clone()), name),
            _ => return None,
        };
        self.beside.get(&(owner, name.clone())).cloned()
    }

    /// What `self.method(…)` returns.
    pub(super) fn method(&self, name: &str) -> Option<Returned> {
        let owners = self.owner.iter().map(String::as_str).chain(["Self"]);
        let mut given = owners.map(|owner| [owner.to_owned(), name.to_owned()]);
        if given.any(|path| self.paths.contains(&path[..])) {
            return Some(Returned::handle());
        }
        let owner = Some(self.owner.clone()?);
        self.beside.get(&(owner, name.to_owned())).cloned()
    }
}

/// Whether a function returns an `Option`.
fn is_option(signature: &Signature) -> bool {
    matches!(&signature.output, ReturnType::Type(_, ty) if super::is_option(ty))
}

pub(crate) fn segments(path: &Path) -> Vec<String> {
    path.segments
        .iter()
        .map(|segment| segment.ident.unraw().to_string())
        .collect()
}
