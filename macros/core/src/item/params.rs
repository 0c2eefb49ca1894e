//! The parameters of a function, and how its body comes to own them.
//!
//! A guard or a group stands around the body *and* the parameters, as their destructors belong to the function too: each
//! parameter is moved into the body, mentioned there or not, and dropped in the order of the bare function. Two cases
//! differ in who reads the signature:
//!
//! - Nobody does. Patterns move into the body, and the signature names whole values.
//! - An attribute below does: `#[tracing::instrument(fields(id = %id))]` records what the patterns bind, so they stay, and
//!   the body takes their bindings. What a pattern leaves unbound (`(a, _)`, `..`) stays outside, as nothing names it.
//!
//! A parameter that the value after a panic (`or = …`) needs and the body does not is left where both see it.

use std::collections::{HashMap, HashSet};

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, format_ident};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::visit_mut::{self, VisitMut};
use syn::{Attribute, FnArg, ImplItemFn, Meta, Pat, PatIdent, PatType, ReceiverKind, Token, Type};

use super::desugar::is_inert;
use crate::scan::attrs::cfgs;

/// One value that the body owns.
pub struct Param {
    /// The conditions under which it exists.
    pub cfgs: Vec<Attribute>,
    /// Attributes that go where its pattern goes.
    pub lints: Vec<Attribute>,
    /// Its name outside the body.
    pub outer: TokenStream,
    /// What it is bound to inside; `None` for a value that keeps its name: `self`, or what stood behind `_`.
    pub pattern: Option<Pat>,
}

/// The values that a body owns, in order.
pub struct Params {
    pub list: Vec<Param>,
    /// They are bound anew inside; otherwise it is enough to mention them, which stores them once.
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

    /// Takes the parameters of a function, of which the tokens `kept` need some outside of the body, and `mentioned` mention
    /// some there.
    ///
    /// ```text
    /// Input:  fn f(a: A, (mut b, c): (B, C), _: D)
    /// Output: fn f(a: A, __arg1: (B, C), __arg2: D)      a -> a, __arg1 -> (mut b, c), __arg2
    /// Output: fn f(a: A, (b, c): (B, C), (__arg2): D)    a -> a, b -> mut b, c -> c, __arg2
    /// ```
    pub fn take(
        function: &mut ImplItemFn,
        kept: Option<&TokenStream>,
        mentioned: &TokenStream,
    ) -> Self {
        allow_assigning_self(function);
        let mut taking = Taking {
            body: Mentioned::of(function.block.to_token_stream()),
            kept: Mentioned::of(kept.cloned().unwrap_or_default()),
            mentioned: Mentioned::of(mentioned.clone()),
            signature_is_read: !function.attrs.iter().all(reads_no_parameter),
            list: Vec::new(),
            rebound: false,
        };
        let is_async = function.sig.asyncness.is_some();
        for (index, input) in function.sig.inputs.iter_mut().enumerate() {
            match input {
                FnArg::Receiver(receiver) => {
                    // The body of an `async fn` owns a reference too, so no lint calls it unused.
                    if is_async || is_owned(&receiver.kind) {
                        let name = Ident::new("self", receiver.self_token.span);
                        if !taking.is_kept(&name) {
                            taking.list.push(Param {
                                cfgs: cfgs(&receiver.attrs),
                                lints: Vec::new(),
                                outer: receiver.self_token.to_token_stream(),
                                pattern: None,
                            });
                        }
                    }
                }
                FnArg::Typed(input) => taking.parameter(index, input),
            }
        }
        let Taking {
            mut list, rebound, ..
        } = taking;
        if rebound {
            let names = list.iter().enumerate();
            let names = names.map(|(at, param)| (param.outer.to_string(), at));
            let mut frozen = Frozen(names.collect());
            for input in &mut function.sig.inputs {
                if let FnArg::Typed(input) = input {
                    move_into(&mut list, &mut frozen, input);
                }
            }
        }
        Self { list, rebound }
    }
}

/// The names in tokens, those in format strings included: looked up once for all parameters.
#[derive(Default)]
struct Mentioned(HashSet<String>);

impl Mentioned {
    fn of(tokens: TokenStream) -> Self {
        let mut mentioned = Self::default();
        mentioned.add(tokens);
        mentioned
    }

    fn add(&mut self, tokens: TokenStream) {
        for token in tokens {
            match token {
                TokenTree::Ident(ident) => {
                    self.0.insert(ident.to_string());
                }
                TokenTree::Group(group) => self.add(group.stream()),
                TokenTree::Literal(literal) => {
                    let text = literal.to_string();
                    if text.contains('"') {
                        let names = text.split('{').skip(1).filter_map(|rest| {
                            rest.split(|c: char| !c.is_alphanumeric() && c != '_')
                                .next()
                        });
                        self.0.extend(names.map(str::to_owned));
                    }
                }
                TokenTree::Punct(_) => {}
            }
        }
    }

    fn has(&self, name: &Ident) -> bool {
        self.0.contains(&name.to_string())
    }
}

struct Taking {
    body: Mentioned,
    /// What needs parameters outside of the body.
    kept: Mentioned,
    /// What mentions parameters outside of the body.
    mentioned: Mentioned,
    /// Whether an attribute below reads the patterns.
    signature_is_read: bool,
    list: Vec<Param>,
    rebound: bool,
}

impl Taking {
    /// Whether a parameter is needed outside of the body, and only there.
    fn is_kept(&self, name: &Ident) -> bool {
        self.kept.has(name) && !self.body.has(name)
    }

    /// Whether rustc says of an argument of this name that it is unused.
    fn is_unused(&self, name: &Ident) -> bool {
        !name.to_string().starts_with('_') && !self.body.has(name) && !self.mentioned.has(name)
    }

    /// Whether an argument is used outside of the body alone, so that the name in the body must not be found unused.
    fn is_used_outside(&self, name: &Ident) -> bool {
        !self.body.has(name) && self.mentioned.has(name)
    }

    fn parameter(&mut self, index: usize, input: &mut PatType) {
        let cfgs = cfgs(&input.attrs);
        let bindings = Bindings::of(&input.pat);
        if matches!(*input.pat, Pat::Wild(_)) {
            self.wildcard(index, cfgs, input);
        } else if self.signature_is_read || bindings.iter().any(|it| self.is_kept(&it.ident)) {
            self.bindings(&cfgs, bindings);
        } else {
            self.whole(index, cfgs, &bindings, input);
        }
    }

    /// A value without a name gets one. In parentheses it is none that `#[tracing::instrument]` records.
    fn wildcard(&mut self, index: usize, cfgs: Vec<Attribute>, input: &mut PatType) {
        let span = crate::spans::located(input.pat.span());
        let name = format_ident!("__arg{index}", span = span);
        *input.pat = if self.signature_is_read {
            syn::parse_quote_spanned!(span=> (#name))
        } else {
            named(&name)
        };
        self.list.push(Param {
            cfgs,
            lints: Vec::new(),
            outer: name.into_token_stream(),
            pattern: None,
        });
    }

    /// The pattern stays, and the body takes what it binds.
    fn bindings(&mut self, cfgs: &[Attribute], bindings: Vec<PatIdent>) {
        for binding in bindings {
            if self.is_kept(&binding.ident) {
                continue;
            }
            self.rebound |= binding.mutability.is_some();
            // The attribute that reads the signature may use it.
            let unused = self.is_unused(&binding.ident) && binding.mutability.is_none();
            let lints = unused.then(|| syn::parse_quote!(#[allow(unused_variables)]));
            self.list.push(Param {
                cfgs: cfgs.to_vec(),
                lints: lints.into_iter().collect(),
                outer: binding.ident.to_token_stream(),
                pattern: Some(Pat::Ident(binding)),
            });
        }
    }

    /// The pattern moves into the body.
    fn whole(
        &mut self,
        index: usize,
        cfgs: Vec<Attribute>,
        bindings: &[PatIdent],
        input: &mut PatType,
    ) {
        let outer = if let Some(binding) = plain_binding(&input.pat) {
            self.rebound |= binding.mutability.is_some() || self.is_unused(&binding.ident);
            binding.ident.clone()
        } else {
            self.rebound = true;
            // The user's own span: of a `let` whose value wears the macro's, rustc takes any assignment in a function that
            // `macro_rules!` made for a part.
            let span = input.pat.span();
            match bindings {
                // What documentation then shows.
                [binding] => binding.ident.clone(),
                _ => format_ident!("__arg{index}", span = span),
            }
        };
        let (pattern, lints) = if plain_binding(&input.pat).is_some() {
            ((*input.pat).clone(), Vec::new())
        } else {
            let pattern = std::mem::replace(&mut *input.pat, named(&outer));
            (pattern, take_lints(&mut input.attrs))
        };
        let mut lints = lints;
        if bindings
            .iter()
            .any(|binding| self.is_used_outside(&binding.ident))
        {
            lints.push(syn::parse_quote!(#[allow(unused_variables)]));
        }
        self.list.push(Param {
            cfgs,
            lints,
            outer: outer.into_token_stream(),
            pattern: Some(pattern),
        });
    }
}

/// A parameter, or a binding, by this name.
fn named(name: &Ident) -> Pat {
    Pat::Ident(PatIdent {
        attrs: Vec::new(),
        by_ref: None,
        mutability: None,
        ident: name.clone(),
        subpat: None,
    })
}

/// Moves what is said of names that the body binds anew: `mut`, and attributes.
fn move_into(list: &mut [Param], frozen: &mut Frozen, input: &mut PatType) {
    frozen.visit_pat_mut(&mut input.pat);
    let Some(binding) = plain_binding(&input.pat) else {
        return;
    };
    if let Some(at) = frozen.0.get(&binding.ident.to_string())
        && matches!(&list[*at].pattern, Some(Pat::Ident(inner)) if inner.ident == binding.ident)
    {
        list[*at].lints.extend(take_lints(&mut input.attrs));
    }
}

/// Finds the names that a pattern binds.
struct Bindings(Vec<PatIdent>);

impl Bindings {
    fn of(pattern: &Pat) -> Vec<PatIdent> {
        let mut found = Self(Vec::new());
        found.visit_pat_mut(&mut pattern.clone());
        found.0
    }
}

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

/// Takes `mut` away from the names that the body binds anew, each with its place among them.
struct Frozen(HashMap<String, usize>);

impl VisitMut for Frozen {
    fn visit_pat_ident_mut(&mut self, binding: &mut PatIdent) {
        if binding.by_ref.is_none() && self.0.contains_key(&binding.ident.to_string()) {
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

/// Whether a receiver is more than a reference.
fn is_owned(kind: &ReceiverKind) -> bool {
    !matches!(kind, ReceiverKind::Reference(..))
}

/// The parameter behind `&mut` that both the body and the tokens name: the body has taken it when they are evaluated.
pub fn borrowed_by_both(function: &ImplItemFn, tokens: &TokenStream) -> Option<Ident> {
    let body = Mentioned::of(function.block.to_token_stream());
    let tokens = Mentioned::of(tokens.clone());
    function.sig.inputs.iter().find_map(|input| {
        let name = match input {
            FnArg::Receiver(receiver) => match &receiver.kind {
                ReceiverKind::Reference(_, _, Some(_)) => {
                    Ident::new("self", receiver.self_token.span)
                }
                _ => return None,
            },
            FnArg::Typed(input) => match &*input.ty {
                Type::Reference(ty) if ty.mutability.is_some() => {
                    plain_binding(&input.pat)?.ident.clone()
                }
                _ => return None,
            },
        };
        (tokens.has(&name) && body.has(&name)).then_some(name)
    })
}

/// Whether an attribute below ours leaves the parameters to the body. Of an attribute that is not known, one that reads
/// them is assumed.
fn reads_no_parameter(attr: &Attribute) -> bool {
    const OTHERS: [&str; 7] = [
        "must_use",
        "expect",
        "track_caller",
        "target_feature",
        // They read the types.
        "debug_handler",
        "debug_middleware",
        "diagnostic",
    ];
    let is_known = |meta: &Meta| {
        let path = meta.path();
        is_inert(path)
            || path
                .segments
                .last()
                .is_some_and(|last| OTHERS.iter().any(|name| last.ident == name))
    };
    match &attr.meta {
        Meta::List(list) if list.path.is_ident("cfg_attr") => list
            .parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated)
            .is_ok_and(|metas| metas.iter().skip(1).all(is_known)),
        meta => is_known(meta),
    }
}

fn is_conditional(attr: &Attribute) -> bool {
    attr.path().is_ident("cfg") || attr.path().is_ident("cfg_attr")
}

/// Attributes about the pattern leave with it; the conditions stay.
fn take_lints(attrs: &mut Vec<Attribute>) -> Vec<Attribute> {
    let (stay, leave) = std::mem::take(attrs).into_iter().partition(is_conditional);
    *attrs = stay;
    leave
}

/// The name of a pattern that is a plain binding.
pub fn plain_binding(pat: &Pat) -> Option<&PatIdent> {
    match pat {
        Pat::Ident(ident) if ident.by_ref.is_none() && ident.subpat.is_none() => Some(ident),
        _ => None,
    }
}
