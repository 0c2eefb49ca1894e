//! What a recognised spawn becomes.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Attribute, Expr, ExprMethodCall, Ident, Stmt, Type};

use super::{Name, Runtime, erased, generated, located, moved, site};
use crate::pass::calls::{Call, Kind};

/// Who takes the `Err` of a discarded task.
#[derive(Clone)]
pub enum Taker {
    /// Nobody: it is reported.
    Reported,
    /// The function, as its `?` would.
    Function(Type),
    /// The function, into its `Errors`.
    Collected(Type),
    /// As another one, where a lifetime could be hidden in the error.
    Static(Box<Taker>),
}

/// What all spawns of one function have in common.
#[derive(Clone)]
pub struct Spawns {
    pub runtime: Runtime,
    pub name: Name,
    pub taker: Taker,
    /// Whether the body waits for a place before it spawns.
    pub limit: bool,
}

impl Spawns {
    /// The site of a call. Where an import brought the callee in, that import stays used: by another import, because
    /// an expression that names the callee is what `clippy::disallowed_methods` may forbid.
    ///
    /// ```text
    /// Output: const { use task::spawn as _; &::rejoin::__private::Site::new(NAME) }
    /// ```
    fn site(&self, call: &Call) -> TokenStream {
        let mention = call.imported.as_ref().map(|path| {
            let span = located(call.span);
            let path = generated(quote!(#path));
            quote_spanned!(span=> use #path as _;)
        });
        site(&self.runtime, &self.name, call.span, mention)
    }

    /// The path of a function of the runtime and its parentheses. They wear the user's own spans: a spawn outside a
    /// runtime panics at the user's line.
    fn call(&self, call: &Call, function: &str, extra: Option<TokenStream>) -> TokenStream {
        let user = call.span;
        let private = self.runtime.private(user);
        let function = Ident::new(function, user);
        let generics = call.generics.as_ref().map(|generics| {
            let args = generics.args.iter();
            let extra = extra.clone().into_iter();
            quote_spanned!(user=> ::<#(#args,)* #(#extra)*>)
        });
        quote_spanned!(user=> #private::#function #generics)
    }

    /// A spawn whose handle is used.
    ///
    /// ```text
    /// Input:  tokio::spawn(f)
    /// Output: ::rejoin::__private::spawn(SITE, f)
    /// ```
    pub fn held(&self, call: &Call) -> Expr {
        let function = match call.kind {
            Kind::Task => "spawn",
            Kind::Local => "spawn_local",
            Kind::Blocking => "spawn_blocking",
            Kind::Thread => "spawn_thread",
        };
        let (attrs, arg) = (&call.attrs, &call.argument);
        let callee = self.call(call, function, None);
        let site = self.site(call);
        Expr::Verbatim(quote_spanned!(call.span=> #(#attrs)* #callee(#site, #arg)))
    }

    /// A spawn whose handle is discarded.
    ///
    /// ```text
    /// Input:  tokio::spawn(f);
    /// Output: match f { __f => {
    ///             let __route = ::rejoin::__private::discarded!(TAKER, &__REJOIN_GROUP, &__f);
    ///             ::rejoin::__private::launch(SITE, __f, __route)
    ///         } };
    /// Input:  tokio::spawn(async move { work().await; });
    /// Output: ::rejoin::__private::launch(SITE, async move { work().await; }, ::rejoin::__private::Plain);
    /// ```
    pub fn discarded(&self, call: &Call) -> Expr {
        let (function, probe) = match call.kind {
            Kind::Task => ("launch", "discarded"),
            Kind::Local => ("launch_local", "discarded"),
            Kind::Blocking => ("launch_blocking", "discarded_call"),
            Kind::Thread => ("launch_thread", "discarded_call"),
        };
        let (attrs, arg) = (&call.attrs, &call.argument);
        let span = located(call.span);
        let callee = self.call(call, function, Some(quote_spanned!(span=> _)));
        let site = self.site(call);
        let private = self.runtime.private(span);
        if call.plain {
            return Expr::Verbatim(quote_spanned!(call.span=>
                #(#attrs)* #callee(#site, #arg, #private::Plain)
            ));
        }
        let probe = Ident::new(probe, span);
        let (taker, group) = self.taker(&self.taker, span);
        // The call is at the user's place, the names in it are the macro's.
        let args = quote_spanned!(span=> #site, __f, __route);
        let launch = quote_spanned!(call.span=> #callee(#args));
        Expr::Verbatim(quote_spanned!(span=>
            #(#attrs)* match (#arg) {
                __f => {
                    let __route = #private::#probe!(#taker, #group, &__f);
                    #launch
                }
            }
        ))
    }

    /// The type that takes an error and the function it belongs to, both at the spawn.
    fn taker(&self, taker: &Taker, span: Span) -> (TokenStream, TokenStream) {
        let private = self.runtime.private(span);
        let group = quote_spanned!(span=> &__REJOIN_GROUP);
        match taker {
            Taker::Reported => (
                quote_spanned!(span=> #private::Reported),
                quote_spanned!(span=> &#private::NOWHERE),
            ),
            Taker::Function(ty) => {
                let ty = erased(ty);
                (moved(quote!(#ty), span), group)
            }
            Taker::Collected(ty) => {
                let ty = erased(ty);
                let ty = moved(quote!(#ty), span);
                (quote_spanned!(span=> @collected #ty), group)
            }
            Taker::Static(taker) => {
                if let Taker::Collected(ty) = &**taker {
                    let ty = erased(ty);
                    let ty = moved(quote!(#ty), span);
                    return (quote_spanned!(span=> @fixed #ty), group);
                }
                let (taker, group) = self.taker(taker, span);
                (quote_spanned!(span=> #private::Static<#taker>), group)
            }
        }
    }

    /// A spawn by a method whose receiver may be a `JoinSet` or a `TaskTracker`; for any other it stays what it was.
    ///
    /// ```text
    /// Input:  set.spawn(f)
    /// Output: (match ::rejoin::__private::Receiver::of(&set) { __p => {
    ///             use ::rejoin::__private::receiver::{Known as _, Unknown as _};
    ///             (&&__p).__rejoin_after(SITE, set.spawn((&&__p).__rejoin_edge(SITE, f)))
    ///         } })
    /// ```
    pub fn by_method(&self, call: &ExprMethodCall) -> Option<Expr> {
        let user = call.method.span();
        let span = located(user);
        let private = self.runtime.private(span);
        let site = site(&self.runtime, &self.name, user, None);
        let (attrs, receiver) = (&call.attrs, &call.receiver);
        let probe = quote_spanned!(span=> __p);
        let mut inner = call.clone();
        inner.attrs.clear();
        let arg = inner.args.first_mut()?;
        let edge = {
            let arg = &*arg;
            quote_spanned!(span=> (&&#probe).__rejoin_edge(#site, #arg))
        };
        *arg = Expr::Verbatim(edge);
        Some(Expr::Verbatim(quote_spanned!(span=>
            #(#attrs)* (match #private::Receiver::of(&#receiver) {
                #probe => {
                    use #private::receiver::{Known as _, Unknown as _};
                    (&&#probe).__rejoin_after(#site, #inner)
                }
            })
        )))
    }

    /// A statement that may spawn into a `TaskTracker`, which keeps no outcomes. What the call does with its argument tells
    /// the compiler the argument's type; so the call stands before the question about it, and runs after the answer.
    ///
    /// ```text
    /// Input:  tracker.spawn(f);
    /// Output: match ::rejoin::__private::Receiver::of(&tracker) { __p => {
    ///             use ::rejoin::__private::receiver::{Forgetting as _, Known as _, Unknown as _};
    ///             let __w = ::rejoin::__private::receiver::Statement::new();
    ///             let mut __route = None;
    ///             loop {
    ///                 if let Some(__r) = __route {
    ///                     (&&__p).__rejoin_after(SITE, tracker.spawn((&&&__p).__rejoin_discard(SITE, &__w, __r, f)));
    ///                     break;
    ///                 }
    ///                 __route = Some(::rejoin::__private::discarded_statement!(TAKER, &__REJOIN_GROUP, &__p, &__w));
    ///             }
    ///         } };
    /// ```
    pub fn discarded_by_method(&self, call: &ExprMethodCall) -> Option<Expr> {
        let user = call.method.span();
        let span = located(user);
        let private = self.runtime.private(span);
        let site = site(&self.runtime, &self.name, user, None);
        let (taker, group) = self.taker(&self.taker, span);
        let (attrs, receiver) = (&call.attrs, &call.receiver);
        let (probe, what, route) = (
            quote_spanned!(span=> __p),
            quote_spanned!(span=> __w),
            quote_spanned!(span=> __r),
        );
        let mut inner = call.clone();
        inner.attrs.clear();
        let arg = inner.args.first_mut()?;
        let edge = {
            let arg = &*arg;
            quote_spanned!(span=> (&&&#probe).__rejoin_discard(#site, &#what, #route, #arg))
        };
        *arg = Expr::Verbatim(edge);
        Some(Expr::Verbatim(quote_spanned!(span=>
            #(#attrs)* match #private::Receiver::of(&#receiver) {
                #probe => {
                    use #private::receiver::{Forgetting as _, Known as _, Unknown as _};
                    let #what = #private::receiver::Statement::new();
                    let mut __route = ::core::option::Option::None;
                    loop {
                        if let ::core::option::Option::Some(#route) = __route {
                            (&&#probe).__rejoin_after(#site, #inner);
                            break;
                        }
                        __route = ::core::option::Option::Some(
                            #private::discarded_statement!(#taker, #group, &#probe, &#what)
                        );
                    }
                }
            }
        )))
    }

    /// `::rejoin::__private::place().await;`, under the conditions of the statement that it stands before.
    pub fn place(&self, cfgs: &[Attribute], span: Span) -> Stmt {
        let span = located(span);
        let private = self.runtime.private(span);
        Stmt::Expr(
            Expr::Verbatim(quote_spanned!(span=> #(#cfgs)* #private::place().await;)),
            None,
        )
    }
}
