//! What the body of an annotated function becomes.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, TokenStreamExt, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Block, Expr, ReturnType, Signature, Stmt, Type, parse_quote_spanned};

use super::lints::framed;
use super::{Answer, Handler, Name, Runtime, inferred, site};
use crate::item::params::plain_binding;
use crate::item::params::{Param, Params};
use crate::item::signature::has_impl;
use crate::spans::located;

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

impl Bodies<'_> {
    pub fn private(&self, span: Span) -> TokenStream {
        self.runtime.private(span)
    }

    /// The type that a body yields, for a `let` or a closure.
    fn value_type(edge: &Edge, span: Span) -> TokenStream {
        match edge {
            Edge::Unit => quote_spanned!(span=> ()),
            Edge::Never => quote_spanned!(span=> ::core::convert::Infallible),
            Edge::Type(ty) => framed(inferred(ty).into_token_stream()),
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

    /// The user's block, which begins with `before` after its items.
    ///
    /// Its braces keep the user's span, and with it the edition, which says when the temporaries of the last expression
    /// are dropped.
    fn written(body: &Block, before: &TokenStream) -> TokenStream {
        let mut tokens = TokenStream::new();
        body.brace_token.surround(&mut tokens, |tokens| {
            let (items, stmts) = body.stmts.split_at(leading_items(body));
            tokens.append_all(items);
            before.to_tokens(tokens);
            tokens.append_all(stmts);
        });
        tokens
    }

    /// A closure or an async block around a body, owning the parameters.
    ///
    /// They are dropped after the body's locals, in the reverse order of their declaration, as in the function as
    /// written: either captured in that order, or, where patterns take them apart, bound anew.
    ///
    /// ```text
    /// Input:  { body }                                  of a function with the parameters a and b
    /// Output: async move { let _ = &b; let _ = &a; body }
    /// Output: async move { let a = a; let mut b = b; { body } }
    /// ```
    fn owning(
        head: impl Fn(Span) -> TokenStream,
        body: &Block,
        params: &Params,
        hint: &TokenStream,
    ) -> TokenStream {
        let brace = body.brace_token.span.open();
        let span = located(brace);
        let owned = Self::owned(params, span);
        if params.rebound {
            // The outer block is one of this crate's edition, so it outlives the temporaries of the inner one.
            let (head, written) = (head(span), Self::written(body, hint));
            quote_spanned!(span=> #head { #owned #[allow(unused_braces)] #written })
        } else {
            let (head, written) = (head(brace), Self::written(body, &quote!(#owned #hint)));
            quote!(#head #written)
        }
    }

    /// `async move { … }` around a body, owning the parameters.
    pub fn future(&self, body: &Block, edge: &Edge, params: &Params) -> TokenStream {
        let brace = body.brace_token.span.open();
        let hint = self.inference_edge(edge, brace);
        if !matches!(edge, Edge::Never) {
            return Self::owning(async_move, body, params, &hint);
        }
        // A body without an end has no value to yield.
        let span = located(brace);
        let (owned, written) = (Self::owned(params, span), Self::written(body, &hint));
        let ty = Self::value_type(edge, span);
        quote_spanned!(span=> async move {
            #owned
            #[allow(clippy::diverging_sub_expression)]
            let __value: #ty = #written;
            #[allow(unreachable_code)]
            __value
        })
    }

    /// The statements that make a closure or an async block own the parameters.
    fn owned(params: &Params, span: Span) -> TokenStream {
        let mention = |param: &Param| {
            let Param { cfgs, outer, .. } = param;
            let allow = outer
                .to_string()
                .starts_with('_')
                .then(|| quote_spanned!(span=> #[allow(clippy::used_underscore_binding)]));
            quote_spanned!(span=> #(#cfgs)* #allow let _ = &#outer;)
        };
        if !params.rebound {
            return params.list.iter().rev().map(mention).collect();
        }
        let allow = quote_spanned!(span=>
            #[allow(
                clippy::collection_is_never_read,
                clippy::no_effect_underscore_binding,
                clippy::redundant_locals,
                clippy::shadow_reuse,
                clippy::shadow_same,
                clippy::used_underscore_binding
            )]
        );
        let rebind = |param: &Param| {
            let Param {
                cfgs,
                lints,
                outer,
                pattern,
            } = param;
            match pattern {
                None if outer.to_string() == "self" => mention(param),
                None => quote_spanned!(span=> #(#cfgs)* #allow let #outer = #outer;),
                Some(pattern) if plain_binding(pattern).is_some() => quote_spanned!(span=>
                    #(#cfgs)* #(#lints)* #allow let #pattern = #outer;
                ),
                Some(pattern) => quote_spanned!(span=>
                    #(#cfgs)* #allow let #outer = #outer;
                    #(#cfgs)* #(#lints)* #allow let #pattern = #outer;
                ),
            }
        };
        params.list.iter().map(rebind).collect()
    }

    /// The body, whose value becomes a response.
    ///
    /// ```text
    /// Output: async move { ::rejoin::__private::axum::IntoResponse::into_response(async move { body }.await) }
    /// ```
    pub fn responding(&self, body: &Block, params: &Params) -> TokenStream {
        let span = located(body.brace_token.span.open());
        let private = self.private(span);
        let future = Self::owning(async_move, body, params, &TokenStream::new());
        quote_spanned!(span=> async move {
            #private::axum::IntoResponse::into_response(#future.await)
        })
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
            self.responding(body, params)
        } else {
            self.future(body, edge, params)
        };
        let guarded = self.guard(future, handler, span);
        let awaited = quote_spanned!(span=> #guarded.await);
        block(body, returned(awaited, edge, span))
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
        let guarded = self.guard(future, handler, span);
        block(body, quote_spanned!(span=> return #guarded;))
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
        block(body, returned(call, edge, span))
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
        let closure = if handler.makes_response() {
            self.responding_call(body, params, span)
        } else {
            self.closure(body, edge, params, false, span)
        };
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
        block(body, quote_spanned!(span=> return #tokens;))
    }

    fn closure(
        &self,
        body: &Block,
        edge: &Edge,
        params: &Params,
        response: bool,
        span: Span,
    ) -> TokenStream {
        if response {
            let private = self.private(span);
            let call = Self::call(body, params, span);
            return quote_spanned!(span=> move || {
                #private::axum::IntoResponse::into_response(#call)
            });
        }
        let output = match edge {
            Edge::Type(ty) if has_impl(ty) => TokenStream::new(),
            edge => {
                let ty = Self::value_type(edge, span);
                quote_spanned!(span=> -> #ty)
            }
        };
        let head = |at| quote_spanned!(at=> move || #output);
        Self::owning(head, body, params, &TokenStream::new())
    }

    /// The closure that makes a future, whose value becomes a response.
    fn responding_call(&self, body: &Block, params: &Params, span: Span) -> TokenStream {
        let private = self.private(span);
        let call = Self::call(body, params, span);
        quote_spanned!(span=> move || {
            let __future = #call;
            async move { #private::axum::IntoResponse::into_response(__future.await) }
        })
    }

    /// The body in a call of its own: a `return` in it ends that.
    fn call(body: &Block, params: &Params, span: Span) -> TokenStream {
        let head = |at| quote_spanned!(at=> move ||);
        let closure = Self::owning(head, body, params, &TokenStream::new());
        quote_spanned!(span=> {
            fn __call<T>(f: impl ::core::ops::FnOnce() -> T) -> T {
                f()
            }
            __call(#closure)
        })
    }

    /// A future with its guard.
    pub fn guard(&self, future: TokenStream, handler: &Handler, span: Span) -> TokenStream {
        let private = self.private(span);
        let site = site(self.runtime, self.name, self.ident, None);
        let handler = self.handler(handler, span);
        quote_spanned!(span=> #private::guard(#site, #future, #handler))
    }
}

fn async_move(at: Span) -> TokenStream {
    quote_spanned!(at=> async move)
}

/// Makes the signature of an `async fn` that of a `fn` which returns its future.
///
/// The tokens are of this crate's edition, and in it an `impl Trait` captures what an `async fn` does: every lifetime
/// and type in scope.
///
/// Lints read two of its spans. That of the return type is the macro's, as that of an `async fn` is the compiler's, so
/// that clippy does not take it apart. That of the signature ends with the last token before the body, so that has the
/// user's span: it is a `where`.
///
/// ```text
/// Input:  pub async fn f(a: A) -> R
/// Output: pub fn f(a: A) -> impl ::core::future::Future<Output = R> where
/// ```
pub fn lift(signature: &mut Signature) {
    signature.asyncness = None;
    let (ty, end) = match &signature.output {
        ReturnType::Default => {
            let end = signature.paren_token.span.close();
            (quote_spanned!(located(end)=> ()), end)
        }
        ReturnType::Type(_, ty) => (framed(ty.to_token_stream()), ty.span()),
    };
    let span = located(end);
    let mut future = quote_spanned!(span=> impl ::core::future::Future<Output = #ty>);
    let clause = signature.generics.where_clause.as_ref();
    if clause.is_none_or(|clause| clause.predicates.is_empty()) {
        future.extend(quote_spanned!(end=> where));
    }
    let arrow = parse_quote_spanned!(span=> ->);
    signature.output = ReturnType::Type(arrow, Box::new(Type::Verbatim(future)));
}

/// How many items a block begins with. After a statement of ours, `clippy::items_after_statements` would refuse them.
pub fn leading_items(block: &Block) -> usize {
    let is_item = |stmt: &&Stmt| matches!(stmt, Stmt::Item(_));
    block.stmts.iter().take_while(is_item).count()
}

/// Puts tokens before the statements of a block.
pub fn begin_with(block: &mut Block, tokens: Option<TokenStream>) {
    let at = leading_items(block);
    let statement = tokens.map(|tokens| Stmt::Expr(Expr::Verbatim(tokens), None));
    block.stmts.splice(at..at, statement);
}

/// What yields `Infallible` in a function that returns `!`.
pub fn never(tokens: TokenStream, edge: &Edge, span: Span) -> TokenStream {
    match edge {
        Edge::Never => quote_spanned!(span=> match #tokens {}),
        _ => tokens,
    }
}

/// The value of a function as its last statement: `return`, so that no lint asks for it.
pub fn returned(tokens: TokenStream, edge: &Edge, span: Span) -> TokenStream {
    match edge {
        Edge::Never => never(tokens, edge, span),
        _ => quote_spanned!(span=> return #tokens;),
    }
}
