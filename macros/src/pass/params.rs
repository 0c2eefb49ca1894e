//! The parameters of a function, and how a body comes to own them.

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident};
use syn::{Attribute, Block, FnArg, Pat, ReceiverKind, Signature};

use super::discard::has_name;
use super::imports::plain_binding;

/// One parameter.
pub(crate) struct Param {
    /// The conditions under which it exists.
    pub(crate) cfgs: Vec<Attribute>,
    /// Lint attributes that go where its pattern goes.
    pub(crate) lints: Vec<Attribute>,
    /// Its name outside the body.
    pub(crate) outer: TokenStream,
    /// What it is bound to inside; `None` for `self`.
    pub(crate) pattern: Option<Pat>,
    /// The pattern is a plain name.
    pub(crate) plain: bool,
}

/// The parameters that a body owns, in order.
pub(crate) struct Params {
    pub(crate) list: Vec<Param>,
    /// They are bound anew inside; otherwise it is enough to mention them.
    pub(crate) rebound: bool,
}

impl Params {
    /// No parameters: the body owns what it mentions.
    pub(crate) const fn none() -> Self {
        Self {
            list: Vec::new(),
            rebound: false,
        }
    }

    /// Those that the body mentions, for a body that only has to keep the order in which they are dropped.
    pub(crate) fn used(signature: &Signature, body: &Block) -> Self {
        let tokens = body.to_token_stream();
        let mut list = Vec::new();
        for input in &signature.inputs {
            match input {
                FnArg::Receiver(receiver) => {
                    let name = syn::Ident::new("self", receiver.self_token.span);
                    if is_owned(&receiver.kind) && has_name(tokens.clone(), &name) {
                        list.push(receiver_param(receiver));
                    }
                }
                FnArg::Typed(input) => {
                    // A pattern's parts are bound outside and captured as they are used.
                    if let Some(binding) = plain_binding(&input.pat)
                        && has_name(tokens.clone(), &binding.ident)
                    {
                        list.push(Param {
                            cfgs: cfgs(&input.attrs),
                            lints: Vec::new(),
                            outer: binding.ident.to_token_stream(),
                            pattern: Some((*input.pat).clone()),
                            plain: true,
                        });
                    }
                }
            }
        }
        Self {
            list,
            rebound: false,
        }
    }

    /// All of them, used or not. Patterns move into the body; the signature gets plain names in their place.
    pub(crate) fn all(signature: &mut Signature) -> Self {
        let rebound = signature.inputs.iter().any(|input| match input {
            FnArg::Typed(input) => {
                plain_binding(&input.pat).is_none() && !matches!(*input.pat, Pat::Wild(_))
            }
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
