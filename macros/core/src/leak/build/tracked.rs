//! Calls that make handles without being spawns: those of `tracks(…)`, and those of the functions beside.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use syn::ext::IdentExt;
use syn::{GenericArgument, Path, PathArguments, ReturnType, Signature, Type};

/// Where the handles are in what a function returns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    Handle,
    /// A collection of them.
    Many,
    Tuple(Vec<Option<Shape>>),
}

impl Shape {
    /// The handles in a type, as far as it is spelled out.
    pub fn of(ty: &Type) -> Option<Self> {
        match ty {
            Type::Group(group) => Self::of(&group.elem),
            Type::Paren(paren) => Self::of(&paren.elem),
            Type::Array(array) => Self::of(&array.elem).map(|_| Self::Many),
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
                    "Vec" | "VecDeque" | "SmallVec" | "FuturesUnordered" | "FuturesOrdered"
                    | "LinkedList" => Self::of(types.next()?).map(|_| Self::Many),
                    "HashMap" | "BTreeMap" | "IndexMap" => {
                        types.last().and_then(Self::of).map(|_| Self::Many)
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// The handles that a function with this signature returns.
    pub fn returned(signature: &Signature) -> Option<Self> {
        match &signature.output {
            ReturnType::Default => None,
            ReturnType::Type(_, ty) => Self::of(ty),
        }
    }
}

/// With the type that a function belongs to, if to one, and its name: what it yields, and whether when it is awaited.
type Beside = HashMap<(Option<String>, String), (Shape, bool)>;

/// The functions whose calls yield handles.
#[derive(Clone, Debug, Default)]
pub struct Tracked {
    /// The segments of those that are given in `tracks(…)`.
    pub paths: Rc<HashSet<Vec<String>>>,
    /// Those of the annotated module.
    pub beside: Rc<Beside>,
    /// The type whose `impl` is read.
    pub owner: Option<String>,
}

impl Tracked {
    /// Notes a function of the annotated module or `impl`.
    pub fn note(&mut self, owner: Option<&str>, signature: &Signature) {
        if let Some(shape) = Shape::returned(signature) {
            let key = (
                owner.map(str::to_owned),
                signature.ident.unraw().to_string(),
            );
            let known = (shape, signature.asyncness.is_some());
            Rc::make_mut(&mut self.beside).insert(key, known);
        }
    }

    /// What a call of this path yields, and whether it does so when it is awaited.
    pub fn call(&self, path: &Path, resolved: Option<&[String]>) -> Option<(Shape, bool)> {
        let text = segments(path);
        let given = |path: &[String]| self.paths.contains(path);
        if given(&text) || resolved.is_some_and(given) {
            return Some((Shape::Handle, false));
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

    /// What `self.method(…)` yields.
    pub fn method(&self, name: &str) -> Option<(Shape, bool)> {
        let owners = self.owner.iter().map(String::as_str).chain(["Self"]);
        let mut given = owners.map(|owner| [owner.to_owned(), name.to_owned()]);
        if given.any(|path| self.paths.contains(&path[..])) {
            return Some((Shape::Handle, false));
        }
        let owner = Some(self.owner.clone()?);
        self.beside.get(&(owner, name.to_owned())).cloned()
    }
}

pub fn segments(path: &Path) -> Vec<String> {
    path.segments
        .iter()
        .map(|segment| segment.ident.unraw().to_string())
        .collect()
}
