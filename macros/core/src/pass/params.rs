//! The parameters of a function, and how a body comes to own them.

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident};
use syn::visit_mut::{self, VisitMut};
use syn::{Attribute, FnArg, ImplItemFn, Pat, PatIdent, ReceiverKind};

use super::discard::has_name;
use super::imports::plain_binding;

/// One parameter.
pub struct Param {
    /// The conditions under which it exists.
    pub cfgs: Vec<Attribute>,
    /// Lint attributes that go where its pattern goes.
    pub lints: Vec<Attribute>,
    /// Its name outside the body.
    pub outer: TokenStream,
    /// What it is bound to inside; `None` for `self`.
    pub pattern: Option<Pat>,
    /// The pattern is a plain name.
    pub plain: bool,
}

/// The parameters that a body owns, in order.
pub struct Params {
    pub list: Vec<Param>,
    /// They are bound anew inside; otherwise it is enough to mention them.
    pub rebound: bool,
}

impl Params {
    /// No parameters: the body owns what it mentions.
    pub const fn none() -> Self {
        Self {
            list: Vec::new(),
            rebound: false,
        }
    }

    /// Those that the body mentions, for a body that only has to keep the order in which they are dropped.
    ///
    /// What is captured is captured whole: of a guard that the body disarms, `guard.armed` alone would be a copy.
    pub fn used(function: &mut ImplItemFn) -> Self {
        allow_assigning_self(function);
        let tokens = function.block.to_token_stream();
        let signature = &mut function.sig;
        let mut list = Vec::new();
        let mut bindings = Vec::new();
        for input in &mut signature.inputs {
            match input {
                FnArg::Receiver(receiver) => {
                    let name = syn::Ident::new("self", receiver.self_token.span);
                    if is_owned(&receiver.kind) && has_name(tokens.clone(), &name) {
                        list.push(receiver_param(receiver));
                    }
                }
                FnArg::Typed(input) => {
                    let cfgs = cfgs(&input.attrs);
                    let mut found = Bindings(Vec::new());
                    found.visit_pat_mut(&mut input.pat);
                    for binding in found.0 {
                        if has_name(tokens.clone(), &binding.ident) {
                            list.push(Param {
                                cfgs: cfgs.clone(),
                                lints: Vec::new(),
                                outer: binding.ident.to_token_stream(),
                                pattern: Some(Pat::Ident(binding.clone())),
                                plain: true,
                            });
                            bindings.push(binding);
                        }
                    }
                }
            }
        }
        let rebound = bindings.iter().any(|binding| binding.mutability.is_some());
        if rebound {
            for input in &mut signature.inputs {
                if let FnArg::Typed(input) = input {
                    Frozen.visit_pat_mut(&mut input.pat);
                }
            }
        }
        Self { list, rebound }
    }

    /// All of them, used or not. Patterns move into the body; the signature gets plain names in their place.
    pub fn all(function: &mut ImplItemFn) -> Self {
        Self::moved(function, false)
    }

    /// All of them, for a body that is all there is of the function: one that it does not use must be found unused.
    pub fn lifted(function: &mut ImplItemFn) -> Self {
        let rebound = !super::lift::uses_arguments(function);
        Self::moved(function, rebound)
    }

    fn moved(function: &mut ImplItemFn, rebound: bool) -> Self {
        allow_assigning_self(function);
        let signature = &mut function.sig;
        let rebound = rebound
            || signature.inputs.iter().any(|input| match input {
                FnArg::Typed(input) => match plain_binding(&input.pat) {
                    Some(binding) => binding.mutability.is_some(),
                    None => !matches!(*input.pat, Pat::Wild(_)),
                },
                FnArg::Receiver(_) => false,
            });
        let mut list = Vec::new();
        for (index, input) in signature.inputs.iter_mut().enumerate() {
            match input {
                FnArg::Receiver(receiver) => {
                    if is_owned(&receiver.kind) {
                        list.push(receiver_param(receiver));
                    }
                }
                FnArg::Typed(input) => {
                    let span = crate::emit::located(syn::spanned::Spanned::span(&input.pat));
                    let pattern = (*input.pat).clone();
                    let mut lints = Vec::new();
                    let (outer, plain) = match &mut *input.pat {
                        Pat::Ident(binding) if plain_binding(&pattern).is_some() => {
                            if rebound {
                                binding.mutability = None;
                                lints = take_lints(&mut input.attrs);
                            }
                            (binding.ident.clone(), true)
                        }
                        pat => {
                            let name = format_ident!("__arg{index}", span = span);
                            *pat = Pat::Ident(syn::PatIdent {
                                attrs: Vec::new(),
                                by_ref: None,
                                mutability: None,
                                ident: name.clone(),
                                subpat: None,
                            });
                            lints = take_lints(&mut input.attrs);
                            // The whole value behind `_` is kept.
                            (name, matches!(pattern, Pat::Wild(_)))
                        }
                    };
                    let pattern = match pattern {
                        Pat::Wild(_) => (*input.pat).clone(),
                        pattern => pattern,
                    };
                    list.push(Param {
                        cfgs: cfgs(&input.attrs),
                        lints,
                        outer: outer.to_token_stream(),
                        pattern: Some(pattern),
                        plain,
                    });
                }
            }
        }
        Self { list, rebound }
    }
}

/// Finds the names that a pattern binds.
struct Bindings(Vec<PatIdent>);

impl VisitMut for Bindings {
    fn visit_pat_ident_mut(&mut self, binding: &mut PatIdent) {
        let mut plain = binding.clone();
        plain.attrs.clear();
        plain.subpat = None;
        if plain.by_ref.take().is_some() {
            // `ref mut x` binds a reference that is not itself `mut`.
            plain.mutability = None;
        }
        self.0.push(plain);
        visit_mut::visit_pat_ident_mut(self, binding);
    }
}

/// Takes `mut` away from the names that a pattern binds: they are bound anew.
struct Frozen;

impl VisitMut for Frozen {
    fn visit_pat_ident_mut(&mut self, binding: &mut PatIdent) {
        if binding.by_ref.is_none() {
            binding.mutability = None;
        }
        visit_mut::visit_pat_ident_mut(self, binding);
    }
}

/// A receiver cannot be bound anew, and rustc takes the last assignment to what a block has captured for one that is
/// never read, though a destructor reads it.
fn allow_assigning_self(function: &mut ImplItemFn) {
    let receiver = function.sig.receiver();
    if receiver.is_some_and(|it| is_owned(&it.kind) && it.mutability.is_some()) {
        let allow = syn::parse_quote!(#[allow(unused_assignments)]);
        function.attrs.push(allow);
    }
}

fn receiver_param(receiver: &syn::Receiver) -> Param {
    Param {
        cfgs: cfgs(&receiver.attrs),
        lints: Vec::new(),
        outer: receiver.self_token.to_token_stream(),
        pattern: None,
        plain: true,
    }
}

/// Whether a receiver is more than a reference.
fn is_owned(kind: &ReceiverKind) -> bool {
    !matches!(kind, ReceiverKind::Reference(..))
}

/// Attributes about the pattern leave with it; the conditions stay.
fn take_lints(attrs: &mut Vec<Attribute>) -> Vec<Attribute> {
    let (stay, leave) = std::mem::take(attrs)
        .into_iter()
        .partition(|attr: &Attribute| {
            attr.path().is_ident("cfg") || attr.path().is_ident("cfg_attr")
        });
    *attrs = stay;
    leave
}

fn cfgs(attrs: &[Attribute]) -> Vec<Attribute> {
    attrs
        .iter()
        .filter(|attr| attr.path().is_ident("cfg"))
        .cloned()
        .collect()
}
