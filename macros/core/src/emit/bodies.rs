//! What the body of an annotated function becomes.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Block, Expr, ImplItemFn, ReturnType, Signature, Stmt, Type, parse_quote_spanned};

use super::{Answer, Handler, Name, Runtime, inferred, located, site};
use crate::pass::params::{Param, Params};
use crate::pass::signature::has_impl;

/// What a body yields, where rustc is told before it reads the body.
pub enum Edge {
    /// The return type.
    Type(Type),
    /// The return type is `()`, not written.
    Unit,
    /// `!`.
    Never,
    /// The result without `Errors`, of a function that collects them.
    Collected(Type),
}

impl Edge {
    /// The edge of a return type.
    pub fn of(output: &syn::ReturnType) -> Self {
        match output {
            syn::ReturnType::Default => Edge::Unit,
            syn::ReturnType::Type(_, ty) if matches!(**ty, Type::Never(_)) => Edge::Never,
            syn::ReturnType::Type(_, ty) => Edge::Type((**ty).clone()),
        }
    }
}

/// What all functions of one expansion have in common.
pub struct Bodies<'a> {
    pub runtime: &'a Runtime,
    pub name: &'a Name,
    /// The name of the function.
    pub ident: Span,
}

/// A block with the user's braces and these tokens in it.
pub fn block(like: &Block, tokens: TokenStream) -> Block {
    Block {
        brace_token: like.brace_token,
        stmts: vec![Stmt::Expr(Expr::Verbatim(tokens), None)],
    }
}

fn statements(body: &Block) -> TokenStream {
    let stmts = &body.stmts;
    quote!(#(#stmts)*)
}

impl Bodies<'_> {
    pub fn private(&self, span: Span) -> TokenStream {
        self.runtime.private(span)
    }

    /// The type that a body yields, for a `let` or a closure.
    fn value_type(edge: &Edge, span: Span) -> TokenStream {
        match edge {
            Edge::Unit => quote_spanned!(span=> ()),
            Edge::Never => quote_spanned!(span=> ::core::convert::Infallible),
            Edge::Type(ty) => inferred(ty).into_token_stream(),
            Edge::Collected(_) => quote_spanned!(span=> _),
        }
    }

    /// Tells rustc the type of a body before its first `return` or `?`, without running.
    ///
    /// ```text
    /// Output: if false { let __value: RET = loop {}; return __value; }
    /// ```
    fn inference_edge(&self, edge: &Edge, body: Span) -> TokenStream {
        let span = located(match edge {
            Edge::Type(ty) | Edge::Collected(ty) => ty.span(),
            Edge::Unit | Edge::Never => body,
        });
        let value = if let Edge::Collected(ty) = edge {
            let (private, ty) = (self.private(span), inferred(ty));
            quote_spanned!(span=> #private::collected_body!(#ty))
        } else {
            quote_spanned!(span=> loop {})
        };
        let ty = Self::value_type(edge, span);
        quote_spanned!(span=>
            #[allow(unreachable_code)]
            if false {
                let __value: #ty = #value;
                return __value;
            }
        )
    }

    /// `async move { … }` around a body, owning the parameters.
    ///
    /// They are dropped after the body's locals, in the reverse order of their declaration, as in the function as
    /// written: either captured in that order, or, where patterns take them apart, bound anew.
    pub fn future(&self, body: &Block, edge: &Edge, params: &Params) -> TokenStream {
        let brace = body.brace_token.span.open();
        let span = located(brace);
        let hint = self.inference_edge(edge, brace);
        let owned = Self::owned(params, span);
        let statements = statements(body);
        if params.rebound || matches!(edge, Edge::Never) {
            let ty = Self::value_type(edge, span);
            // A body without an end has no value for the `let`.
            let allow = matches!(edge, Edge::Never)
                .then(|| quote_spanned!(span=> #[allow(clippy::diverging_sub_expression)]));
            quote_spanned!(span=> async move {
                #owned
                #hint
                #allow
                let __value: #ty = { #statements };
                #[allow(unreachable_code)]
                __value
            })
        } else {
            quote_spanned!(span=> async move {
                #owned
                #hint
                #statements
            })
        }
    }

    /// The statements that make a closure or an async block own the parameters.
    fn owned(params: &Params, span: Span) -> TokenStream {
        let allow = quote_spanned!(span=>
            #[allow(
                clippy::no_effect_underscore_binding,
                clippy::redundant_locals,
                clippy::shadow_reuse,
                clippy::shadow_same,
                clippy::used_underscore_binding
            )]
        );
        let mut tokens = TokenStream::new();
        if params.rebound {
            for param in &params.list {
                let Param {
                    cfgs,
                    lints,
                    outer,
                    pattern,
                    ..
                } = param;
                tokens.extend(match pattern {
                    None => quote_spanned!(span=> #(#cfgs)* #allow let _ = &#outer;),
                    Some(pattern) if param.plain => quote_spanned!(span=>
                        #(#cfgs)* #(#lints)* #allow let #pattern = #outer;
                    ),
                    Some(pattern) => quote_spanned!(span=>
                        #(#cfgs)* #allow let #outer = #outer;
                        #(#cfgs)* #(#lints)* #allow let #pattern = #outer;
                    ),
                });
            }
        } else {
            for Param { cfgs, outer, .. } in params.list.iter().rev() {
                tokens.extend(quote_spanned!(span=> #(#cfgs)* #allow let _ = &#outer;));
            }
        }
        tokens
    }

    /// A guarded body.
    ///
    /// ```text
    /// Input:  async fn f(a: A) -> R { body }
    /// Output: async fn f(a: A) -> R {
    ///             ::rejoin::__private::guard(SITE, async move { body }, |p| <R as ::rejoin::FromPanic>::from_panic(p)).await
    ///         }
    /// Input:  fn f(a: A) -> R { body }
    /// Output: fn f(a: A) -> R {
    ///             ::rejoin::__private::guard_sync(SITE, move || -> R { body }, |p| <R as …>::from_panic(p))
    ///         }
    /// ```
    pub fn guarded_async(
        &self,
        body: &Block,
        edge: &Edge,
        params: &Params,
        handler: &Handler,
    ) -> Block {
        let span = located(body.brace_token.span.open());
        let future = if handler.makes_response() {
            let private = self.private(span);
            let owned = Self::owned(params, span);
            let statements = statements(body);
            quote_spanned!(span=> async move {
                #private::axum::IntoResponse::into_response(
                    async move { #owned #statements }.await
                )
            })
        } else {
            self.future(body, edge, params)
        };
        let guarded = self.guard(future, handler, span);
        let awaited = quote_spanned!(span=> #guarded.await);
        block(body, never(awaited, edge, span))
    }

    /// A guarded future in place of the function's own.
    ///
    /// ```text
    /// Input:  async fn f(a: A) -> R { body }
    /// Output: fn f(a: A) -> impl ::core::future::Future<Output = R> {
    ///             ::rejoin::__private::guard(
    ///                 SITE,
    ///                 async move { let _ = &a; body },
    ///                 |p| <R as ::rejoin::FromPanic>::from_panic(p),
    ///             )
    ///         }
    /// ```
    pub fn guarded_lifted(
        &self,
        body: &Block,
        edge: &Edge,
        params: &Params,
        handler: &Handler,
    ) -> Block {
        let span = located(body.brace_token.span.open());
        let future = self.future(body, edge, params);
        block(body, self.guard(future, handler, span))
    }

    pub fn guarded_sync(
        &self,
        body: &Block,
        edge: &Edge,
        params: &Params,
        handler: &Handler,
    ) -> Block {
        let span = located(body.brace_token.span.open());
        let private = self.private(span);
        let closure = self.closure(body, edge, params, handler.makes_response(), span);
        let site = site(self.runtime, self.name, self.ident, None);
        let handler = self.handler(handler, span);
        let call = quote_spanned!(span=> #private::guard_sync(#site, #closure, #handler));
        block(body, never(call, edge, span))
    }

    /// A function that returns a future: the call is guarded, and the future.
    pub fn guarded_returned(
        &self,
        body: &Block,
        edge: &Edge,
        params: &Params,
        handler: &Handler,
        boxed: bool,
    ) -> Block {
        let span = located(body.brace_token.span.open());
        let private = self.private(span);
        let closure = self.closure(body, edge, params, false, span);
        let site = site(self.runtime, self.name, self.ident, None);
        let tokens = self.handler(handler, span);
        // A pointer names none of the function's generics, as `impl Future` may not name them all.
        let handler = match handler.answer {
            Answer::FromPanic(_) | Answer::Resume => quote_spanned!(span=> (#tokens) as fn(_) -> _),
            Answer::Response | Answer::Or { .. } => tokens,
        };
        let future = quote_spanned!(span=> #private::guard_returned(#site, #closure, #handler));
        let tokens = if boxed {
            quote_spanned!(span=> ::std::boxed::Box::pin(#future))
        } else {
            future
        };
        block(body, tokens)
    }

    fn closure(
        &self,
        body: &Block,
        edge: &Edge,
        params: &Params,
        response: bool,
        span: Span,
    ) -> TokenStream {
        let owned = Self::owned(params, span);
        let statements = statements(body);
        if response {
            let private = self.private(span);
            return quote_spanned!(span=> move || {
                fn __call<T>(f: impl ::core::ops::FnOnce() -> T) -> T {
                    f()
                }
                #private::axum::IntoResponse::into_response(__call(move || { #owned #statements }))
            });
        }
        let output = match edge {
            Edge::Type(ty) if has_impl(ty) => TokenStream::new(),
            edge => {
                let ty = Self::value_type(edge, span);
                quote_spanned!(span=> -> #ty)
            }
        };
        quote_spanned!(span=> move || #output { #owned #statements })
    }

    /// A future with its guard.
    pub fn guard(&self, future: TokenStream, handler: &Handler, span: Span) -> TokenStream {
        let private = self.private(span);
        let site = site(self.runtime, self.name, self.ident, None);
        let handler = self.handler(handler, span);
        quote_spanned!(span=> #private::guard(#site, #future, #handler))
    }
}

/// Makes the signature of an `async fn` that of a `fn` which returns its future.
///
/// The tokens are of this crate's edition, and in it an `impl Trait` captures what an `async fn` does: every lifetime
/// and type in scope.
pub fn lift(signature: &mut Signature) {
    signature.asyncness = None;
    let (ty, span) = match &signature.output {
        ReturnType::Default => {
            let span = located(signature.ident.span());
            (quote_spanned!(span=> ()), span)
        }
        ReturnType::Type(_, ty) => (ty.to_token_stream(), located(ty.span())),
    };
    signature.output = parse_quote_spanned!(span=> -> impl ::core::future::Future<Output = #ty>);
}

/// A lifted function and, for its documentation, the one that the user wrote.
///
/// ```text
/// Output: #[cfg(doc)] async fn f(a: A) -> R { loop {} }
///         #[cfg(not(doc))] fn f(a: A) -> impl Future<Output = R> { … }
/// ```
pub fn documented(lifted: &mut ImplItemFn, mut written: ImplItemFn) -> ImplItemFn {
    let span = located(written.sig.ident.span());
    let endless = quote_spanned!(span=> loop {});
    written.block = block(&written.block, endless);
    written
        .attrs
        .insert(0, parse_quote_spanned!(span=> #[cfg(doc)]));
    lifted
        .attrs
        .insert(0, parse_quote_spanned!(span=> #[cfg(not(doc))]));
    written
}

/// What yields `Infallible` in a function that returns `!`.
pub fn never(tokens: TokenStream, edge: &Edge, span: Span) -> TokenStream {
    match edge {
        Edge::Never => quote_spanned!(span=> match #tokens {}),
        _ => tokens,
    }
}
