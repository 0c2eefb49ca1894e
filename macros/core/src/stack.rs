//! The attributes of rejoin that stand on one item.
//!
//! The outermost one takes all others off the item and expands once, so their order does not matter and none of them sees
//! what another has made.

use proc_macro2::{Span, TokenStream};
use syn::spanned::Spanned;
use syn::{Attribute, Meta, Path};

use crate::diagnostics::Diagnostics;
use crate::options::group::GroupAttribute;
use crate::options::guard::GuardOptions;
use crate::options::join::JoinOptions;
use crate::options::main::MainOptions;

/// An attribute of rejoin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Guarded,
    TaskGroup,
    MustJoin,
    Main,
}

impl Kind {
    /// What it is called in messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Guarded => "guarded",
            Self::TaskGroup => "task_group",
            Self::MustJoin => "must_join",
            Self::Main => "rejoin::main",
        }
    }

    /// The attribute of rejoin that an attribute is. `main` is one only as `rejoin::main`: many crates have a `main`.
    pub fn of(attr: &Attribute) -> Option<Self> {
        let path = attr.path();
        let last = &path.segments.last()?.ident;
        if last == "main" {
            let first = &path.segments.first()?.ident;
            return (path.segments.len() > 1 && first == "rejoin").then_some(Self::Main);
        }
        [Self::Guarded, Self::TaskGroup, Self::MustJoin]
            .into_iter()
            .find(|kind| last == kind.name())
    }
}

/// Whether one of these attributes stands on an item.
pub fn has(attrs: &[Attribute], kinds: &[Kind]) -> bool {
    attrs
        .iter()
        .filter_map(Kind::of)
        .any(|kind| kinds.contains(&kind))
}

/// The attributes of an item, with their options.
#[derive(Clone, Default)]
pub struct Stack {
    pub guard: Option<GuardOptions>,
    pub group: Option<GroupAttribute>,
    pub join: Option<JoinOptions>,
    pub main: Option<MainOptions>,
}

impl Stack {
    /// The attribute that is expanded, and those of its kind that it finds below, which it takes off.
    ///
    /// # Errors
    ///
    /// Where options are wrong, or an attribute stands there twice. All attributes are off then, too.
    pub fn take(kind: Kind, args: TokenStream, attrs: &mut Vec<Attribute>) -> syn::Result<Self> {
        let mut diag = Diagnostics::default();
        let mut stack = Self::default();
        stack.add(&mut diag, kind, args, Span::call_site());
        let mut others = Vec::with_capacity(attrs.len());
        for attr in std::mem::take(attrs) {
            match Kind::of(&attr) {
                Some(kind) => {
                    let args = match &attr.meta {
                        Meta::List(list) => list.tokens.clone(),
                        Meta::Path(_) => TokenStream::new(),
                        Meta::NameValue(_) => {
                            others.push(attr);
                            continue;
                        }
                    };
                    stack.add(&mut diag, kind, args, attr.path().span());
                }
                None => others.push(attr),
            }
        }
        *attrs = others;
        diag.barrier()?;
        Ok(stack)
    }

    fn add(&mut self, diag: &mut Diagnostics, kind: Kind, args: TokenStream, at: Span) {
        fn set<T>(
            diag: &mut Diagnostics,
            place: &mut Option<T>,
            parsed: syn::Result<T>,
            twice: impl FnOnce(&mut Diagnostics),
        ) {
            if place.is_some() {
                return twice(diag);
            }
            match parsed {
                Ok(options) => *place = Some(options),
                Err(error) => diag.add(error),
            }
        }
        let twice = |diag: &mut Diagnostics| {
            let message = if kind == Kind::Main {
                "two attributes that build a runtime: leave out this one".to_owned()
            } else {
                format!("`#[{}]` stands here twice: leave out this one", kind.name())
            };
            diag.push(at, message);
        };
        match kind {
            Kind::Guarded => set(diag, &mut self.guard, GuardOptions::parse(args), twice),
            Kind::TaskGroup => set(diag, &mut self.group, GroupAttribute::parse(args), twice),
            Kind::MustJoin => set(diag, &mut self.join, JoinOptions::parse(args), twice),
            Kind::Main => set(diag, &mut self.main, MainOptions::parse(args), twice),
        }
    }

    /// The path of rejoin, where one of the attributes says it.
    pub fn runtime(&self) -> Option<&Path> {
        let commons = [
            self.group.as_ref().map(|options| &options.common),
            self.join.as_ref().map(|options| &options.common),
            self.main.as_ref().map(|options| &options.common),
            self.guard.as_ref().map(|options| &options.common),
        ];
        let mut commons = commons.into_iter().flatten();
        commons.find_map(|common| common.runtime.as_ref())
    }

    /// The same attributes one module further in, where a path that is relative to the module around begins with `super`.
    pub fn within_module(&self) -> Self {
        let mut stack = self.clone();
        let commons = [
            stack.group.as_mut().map(|options| &mut options.common),
            stack.join.as_mut().map(|options| &mut options.common),
            stack.main.as_mut().map(|options| &mut options.common),
            stack.guard.as_mut().map(|options| &mut options.common),
        ];
        for common in commons.into_iter().flatten() {
            if let Some(path) = &common.runtime {
                let span = path.span();
                common.runtime = Some(syn::parse_quote_spanned!(span=> super::#path));
            }
        }
        stack
    }

    /// The strongest attribute, by whose name errors about the item are told.
    pub fn first(&self) -> Kind {
        if self.main.is_some() {
            Kind::Main
        } else if self.group.is_some() {
            Kind::TaskGroup
        } else if self.join.is_some() {
            Kind::MustJoin
        } else {
            Kind::Guarded
        }
    }
}
