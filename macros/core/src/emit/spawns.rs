//! What a recognised spawn becomes.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::{Attribute, Expr, ExprMethodCall, Ident, Stmt, Type};

use super::{Name, Runtime, erased, generated, located, moved, site_of};
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
}

/// The slot of a discarded spawn, which links the type of its output to the questions about it.
#[derive(Clone)]
pub struct Slot {
    pub number: u32,
    /// The conditions under which the spawn exists.
    pub cfgs: Vec<Attribute>,
    /// Where the callee begins.
    pub span: Span,
}

impl Slot {
    pub fn name(&self) -> Ident {
        format_ident!("__s{}", self.number, span = located(self.span))
    }

    /// The reference by which a literal that is not `move` uses the slot.
    fn reference(&self) -> Ident {
        format_ident!("__r{}", self.number, span = located(self.span))
    }

    /// Before a literal that is not `move`: it borrows what the reference refers to, and no local.
    ///
    /// ```text
    /// Output: let __r0 = __s0.by_ref();
    /// ```
    pub fn lent(&self) -> TokenStream {
        let span = located(self.span);
        let (cfgs, name, reference) = (&self.cfgs, self.name(), self.reference());
        quote_spanned!(span=> #(#cfgs)* let #reference = #name.by_ref();)
    }

    /// In such a literal, before everything else.
    ///
    /// ```text
    /// Output: let __s0 = *__r0;
    /// ```
    pub fn borrowed(&self) -> TokenStream {
        let span = located(self.span);
        let (cfgs, name, reference) = (&self.cfgs, self.name(), self.reference());
        quote_spanned!(span=> #(#cfgs)* let #name = *#reference;)
    }
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
    fn site(&self, call: &Call, slot: Option<&Slot>) -> TokenStream {
        let mention = call.imported.as_ref().map(|path| {
            let span = located(call.span);
            let path = generated(quote!(#path));
            quote_spanned!(span=> use #path as _;)
        });
        self.site_at(call.span, mention, slot)
    }

    /// The site of a spawn; in a function that takes errors, with the number of the slot.
    ///
    /// ```text
    /// Output: const { &::rejoin::__private::Site::in_group(NAME, &__REJOIN_GROUP, 3) }
    /// ```
    fn site_at(&self, user: Span, before: Option<TokenStream>, slot: Option<&Slot>) -> TokenStream {
        let slot = slot.filter(|_| self.takes()).map(|slot| slot.number);
        site_of(&self.runtime, &self.name, user, before, slot)
    }

    /// Whether the function takes the errors of its discarded tasks.
    pub fn takes(&self) -> bool {
        !matches!(self.taker, Taker::Reported)
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
        let site = self.site(call, None);
        Expr::Verbatim(quote_spanned!(call.span=> #(#attrs)* #callee(#site, #arg)))
    }

    /// A spawn whose handle is discarded. What is spawned is an argument of a call that asks it to be `'static`, so that
    /// rustc says of a missing `move` what it says without the macro.
    ///
    /// ```text
    /// Input:  tokio::spawn(f);
    /// Output: ::rejoin::__private::launch(SITE, __s0, f);
    /// Input:  tokio::spawn(f); // where nobody takes the error
    /// Output: {
    ///             let __s0: ::rejoin::__private::Slot<_, _> = ::rejoin::__private::Slot::new();
    ///             ::rejoin::__private::launch(SITE, __s0, f);
    ///             ::rejoin::__private::reported!(__s0)
    ///         };
    /// Input:  tokio::spawn(async move { work().await; });
    /// Output: ::rejoin::__private::launch(SITE, ::rejoin::__private::plain(), async move { work().await; });
    /// ```
    pub fn discarded(&self, call: &Call, slot: Option<&Slot>) -> Expr {
        let function = match call.kind {
            Kind::Task => "launch",
            Kind::Local => "launch_local",
            Kind::Blocking => "launch_blocking",
            Kind::Thread => "launch_thread",
        };
        let (attrs, arg) = (&call.attrs, &call.argument);
        let span = located(call.span);
        let callee = self.call(call, function, Some(quote_spanned!(span=> _)));
        let private = self.runtime.private(span);
        let Some(slot) = slot else {
            let site = self.site(call, None);
            return Expr::Verbatim(quote_spanned!(call.span=>
                #(#attrs)* #callee(#site, #private::plain(), #arg)
            ));
        };
        let (site, name) = (self.site(call, Some(slot)), slot.name());
        if self.takes() {
            return Expr::Verbatim(quote_spanned!(call.span=>
                #(#attrs)* #callee(#site, #name, #arg)
            ));
        }
        let declared = self.slot(slot);
        let launch = quote_spanned!(call.span=> #callee(#site, #name, #arg));
        Expr::Verbatim(quote_spanned!(span=> #(#attrs)* {
            #declared
            #launch;
            #private::reported!(#name)
        }))
    }

    /// The declaration of a slot. With its type it is no candidate where rustc looks for a binding to annotate.
    pub fn slot(&self, slot: &Slot) -> TokenStream {
        let span = located(slot.span);
        let private = self.runtime.private(span);
        let (cfgs, name) = (&slot.cfgs, slot.name());
        quote_spanned!(span=>
            #(#cfgs)* let #name: #private::Slot<_, _> = #private::Slot::new();
        )
    }

    /// The function's error, of a task's error of any type, by the number of the slot.
    ///
    /// ```text
    /// Output: move |__n, __e| match __n {
    ///             0 => ::rejoin::__private::convert!(RET, __s0, __e),
    ///             _ => ::core::result::Result::Err(__e),
    ///         }
    /// ```
    pub fn convert(&self, slots: &[Slot], span: Span) -> TokenStream {
        let error = quote_spanned!(span=> __e);
        let arms = slots.iter().filter_map(|slot| {
            let span = located(slot.span);
            let returns = self.returns(span)?;
            let private = self.runtime.private(span);
            let (cfgs, number, name) = (&slot.cfgs, slot.number, slot.name());
            Some(quote_spanned!(span=>
                #(#cfgs)* #number => #private::convert!(#returns, #name, #error),
            ))
        });
        let arms: TokenStream = arms.collect();
        quote_spanned!(span=> move |__n, #error| match __n {
            #arms
            _ => ::core::result::Result::Err(#error),
        })
    }

    /// The return type that takes an error, at the spawn.
    fn returns(&self, span: Span) -> Option<TokenStream> {
        let (ty, collected) = match &self.taker {
            Taker::Reported => return None,
            Taker::Function(ty) => (ty, None),
            Taker::Collected(ty) => (ty, Some(quote_spanned!(span=> @collected))),
        };
        let ty = match erased(ty) {
            // It has no name.
            Type::Never(_) => quote_spanned!(span=> ::core::convert::Infallible),
            ty => moved(quote!(#ty), span),
        };
        Some(quote_spanned!(span=> #collected #ty))
    }

    /// The name of the question about a receiver.
    fn probe(number: u32, span: Span) -> Ident {
        format_ident!("__p{number}", span = span)
    }

    /// The question about a receiver, before the statement of the call.
    ///
    /// ```text
    /// Output: let __p0 = ::rejoin::__private::Probe::new();
    /// ```
    pub fn asked(&self, call: &ExprMethodCall, number: u32, cfgs: &[Attribute]) -> TokenStream {
        let span = located(call.method.span());
        let private = self.runtime.private(span);
        let probe = Self::probe(number, span);
        quote_spanned!(span=> #(#cfgs)* let #probe = #private::Probe::new();)
    }

    /// What has the answers about receivers, in a block that asks.
    pub fn answers(&self, span: Span) -> TokenStream {
        let span = located(span);
        let private = self.runtime.private(span);
        quote_spanned!(span=>
            #[allow(unused_imports)]
            use #private::receiver::{Forgetting as _, Known as _, Unknown as _};
        )
    }

    /// A spawn by a method whose receiver may be known; for any other the call stays what it was, with its temporaries.
    /// As a statement it is discarded, where the receiver keeps no outcomes.
    ///
    /// ```text
    /// Input:  set.spawn(f)
    /// Output: ::rejoin::__private::second(
    ///             ::rejoin::__private::see(__p0, &set),
    ///             (&&__p0).__rejoin_after(SITE, set.spawn((&&&__p0).__rejoin_edge(SITE, f))),
    ///         )
    /// Input:  tracker.spawn(f);
    /// Output: ::rejoin::__private::second(
    ///             ::rejoin::__private::see(__p0, &tracker),
    ///             (&&__p0).__rejoin_after(SITE, tracker.spawn((&&&__p0).__rejoin_discard(SITE, __s1, f))),
    ///         );
    /// ```
    pub fn by_method(
        &self,
        call: &ExprMethodCall,
        number: u32,
        slot: Option<&Slot>,
    ) -> Option<Expr> {
        let user = call.method.span();
        let span = located(user);
        let private = self.runtime.private(span);
        let site = self.site_at(user, None, slot);
        let (attrs, receiver) = (&call.attrs, &call.receiver);
        let probe = Self::probe(number, span);
        let blocking = call.method.to_string().starts_with("spawn_blocking");
        let suffix = if blocking { "_call" } else { "" };
        let after = format_ident!("__rejoin_after{suffix}", span = span);
        let mut inner = call.clone();
        inner.attrs.clear();
        let arg = inner.args.first_mut()?;
        let edge = match slot {
            Some(slot) => {
                let method = format_ident!("__rejoin_discard{suffix}", span = span);
                let name = slot.name();
                quote_spanned!(span=> (&&&#probe).#method(#site, #name, #arg))
            }
            None => {
                let method = format_ident!("__rejoin_edge{suffix}", span = span);
                quote_spanned!(span=> (&&&#probe).#method(#site, #arg))
            }
        };
        *arg = Expr::Verbatim(edge);
        let spawned = quote_spanned!(span=> (&&#probe).#after(#site, #inner));
        let spawned = match slot {
            Some(slot) if !self.takes() => {
                let name = slot.name();
                quote_spanned!(span=> #private::first(#spawned, #private::reported!(#name)))
            }
            _ => spawned,
        };
        Some(Expr::Verbatim(quote_spanned!(span=>
            #(#attrs)* #private::second(#private::see(#probe, &#receiver), #spawned)
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
