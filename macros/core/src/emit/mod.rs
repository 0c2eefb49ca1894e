//! The only place that quotes generated code.
//!
//! Names are absolute. Spans are [`located`]: the place is the user's, the hygiene is the macro's, so that neither the
//! user's names nor the lints on the user's code reach generated tokens. The exceptions say so.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::visit_mut::VisitMut;
use syn::{
    Ident, Lifetime, LitStr, ParenthesizedGenericArguments, Path, TraitBound, Type, TypeFnPtr,
};

use crate::spans::{located, moved};

pub mod bodies;
pub mod group;
pub mod handler;
pub mod lints;
mod markers;
pub mod service;
pub mod sites;

pub use bodies::{Bodies, Edge, begin_with, block, lift};
pub use group::{Duration, GroupOptions, Grouped};
pub use handler::{Answer, Handler};
pub use lints::unawaited;
pub use service::{Flavor, Service};

/// The runtime crate, as the user's crate names it.
#[derive(Clone)]
pub struct Runtime(Option<Path>);

impl Runtime {
    pub fn new(path: Option<Path>) -> Self {
        Self(path)
    }

    /// `::rejoin`, its tokens spanned as asked.
    pub fn at(&self, span: Span) -> TokenStream {
        self.0.as_ref().map_or_else(
            || quote_spanned!(span=> ::rejoin),
            |path| moved(quote!(#path), span),
        )
    }

    /// `::rejoin::__private`.
    pub fn private(&self, span: Span) -> TokenStream {
        let root = self.at(span);
        quote_spanned!(span=> #root::__private)
    }
}

/// What tasks are called.
#[derive(Clone)]
pub enum Name {
    Given(LitStr),
    /// The path of the function below its module.
    Function(String),
}

impl Name {
    pub fn at(&self, span: Span) -> TokenStream {
        match self {
            Name::Given(name) => quote!(#name),
            Name::Function(path) => {
                quote_spanned!(span=> ::core::concat!(::core::module_path!(), "::", #path))
            }
        }
    }
}

/// The site of a spawn, as a constant, after statements that do nothing.
///
/// The inner call wears the user's own span, without the macro's hygiene: `Location::caller` resolves the latter to
/// the line of the attribute.
pub fn site(
    runtime: &Runtime,
    name: &Name,
    user: Span,
    before: Option<TokenStream>,
) -> TokenStream {
    site_of(runtime, name, user, before, None)
}

/// As [`site`], with the number of a slot of the function's group.
fn site_of(
    runtime: &Runtime,
    name: &Name,
    user: Span,
    before: Option<TokenStream>,
    slot: Option<u32>,
) -> TokenStream {
    let private = runtime.private(user);
    let name = name.at(user);
    let call = match slot {
        Some(slot) => {
            let group = quote_spanned!(located(user)=> &__REJOIN_GROUP);
            quote_spanned!(user=> #private::Site::in_group(#name, #group, #slot))
        }
        None => quote_spanned!(user=> #private::Site::new(#name)),
    };
    quote_spanned!(located(user)=> const { #before &#call })
}

/// An expression in a block, after statements.
pub fn braced(begin: &TokenStream, expr: &syn::Expr) -> TokenStream {
    let span = located(syn::spanned::Spanned::span(expr));
    quote_spanned!(span=> { #begin #expr })
}

/// A type in which every `impl Trait` is replaced by `with`.
fn without_impl(ty: &Type, with: &Type) -> Type {
    struct Replace<'a>(&'a Type);
    impl VisitMut for Replace<'_> {
        fn visit_type_mut(&mut self, ty: &mut Type) {
            if matches!(ty, Type::ImplTrait(_)) {
                *ty = self.0.clone();
            } else {
                syn::visit_mut::visit_type_mut(self, ty);
            }
        }
    }
    let mut ty = ty.clone();
    Replace(with).visit_type_mut(&mut ty);
    ty
}

/// The type where the compiler may infer what an `impl Trait` hides.
pub fn inferred(ty: &Type) -> Type {
    without_impl(ty, &syn::parse_quote!(_))
}

/// The type where nothing is inferred and only its error matters.
///
/// Its lifetimes are inferred, as those of the value that `?` converts are: a `PErr<'static>` that a task returns is a
/// `PErr<'a>` for the function. Those of `Fn(&'a T)` and of function pointers stay, where `'_` would be a lifetime of the
/// bound's own.
pub fn erased(ty: &Type) -> Type {
    struct Infer;
    impl VisitMut for Infer {
        fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
            if lifetime.ident != "static" {
                lifetime.ident = Ident::new("_", lifetime.ident.span());
            }
        }
        fn visit_parenthesized_generic_arguments_mut(
            &mut self,
            _: &mut ParenthesizedGenericArguments,
        ) {
        }
        fn visit_type_fn_ptr_mut(&mut self, _: &mut TypeFnPtr) {}
        fn visit_trait_bound_mut(&mut self, bound: &mut TraitBound) {
            if bound.lifetimes.is_none() {
                syn::visit_mut::visit_trait_bound_mut(self, bound);
            }
        }
    }
    let mut ty = without_impl(ty, &syn::parse_quote!(()));
    Infer.visit_type_mut(&mut ty);
    ty
}
