//! What a spawn becomes.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::visit_mut::VisitMut;
use syn::{Block, Expr, ExprMethodCall, Ident, Stmt, Type};

use super::bodies::leading_items;
use super::{Name, Runtime, erased};
use crate::scan::sites::{Callee, Disposition, Kind, Site, Sites};
use crate::spans::{generated, located, moved};

/// Where the `Err` of a discarded task goes.
#[derive(Clone)]
pub enum ErrorSink {
    /// It is reported.
    Reported,
    /// Into the value of the function, which returns this type, as its `?` would put it.
    Function(Type),
    /// Into the `Errors` of a function that returns this type.
    Collected(Type),
}

/// The emission of the spawns of one body.
pub struct Spawns<'a> {
    pub runtime: &'a Runtime,
    pub name: &'a Name,
    pub sites: &'a Sites,
    pub sink: ErrorSink,
}

impl Spawns<'_> {
    /// Replaces the markers in a block.
    pub fn replace(&self, block: &mut Block) {
        if !self.sites.is_empty() {
            super::markers::Replace(self).visit_block_mut(block);
        }
    }

    /// As [`replace`](Self::replace), in the body of a function: what its spawns ask the compiler is declared at its top.
    pub fn replace_body(&self, block: &mut Block) {
        self.replace(block);
        let declarations = self.declarations();
        if !declarations.is_empty() {
            let at = leading_items(block);
            block.stmts.splice(at..at, declarations);
        }
    }

    /// Whether the error of a site travels to the function, through a slot of its own.
    pub(super) fn has_slot(&self, site: &Site) -> bool {
        site.is_discarded() && !site.plain && !matches!(self.sink, ErrorSink::Reported)
    }

    /// The slots of the function's frame.
    ///
    /// ```text
    /// Output: let __s0 = ::rejoin::__private::Slot::new();
    /// ```
    pub fn slots(&self) -> TokenStream {
        let slots = self.sites.iter().filter(|(_, site)| self.has_slot(site));
        slots
            .map(|(index, site)| {
                let span = located(site.span.0);
                let private = self.runtime.private(span);
                let (cfgs, slot) = (&site.cfgs, name("s", index, span));
                // With its type it is no candidate where rustc looks for a binding to annotate.
                quote_spanned!(span=> #(#cfgs)* let #slot: #private::Slot<_, _> = #private::Slot::new();)
            })
            .collect()
    }

    /// How the frame takes the error of a task: by the number of its slot. It stands after the body, so that the types of
    /// the tasks are known, and each arm is at the spawn, where an error that cannot be taken is shown.
    ///
    /// ```text
    /// Output: move |__slot, __error| match __slot {
    ///             0u32 => ::rejoin::__private::convert!(R, __s0, __error),
    ///             _ => ::core::result::Result::Err(__error),
    ///         }
    /// ```
    pub fn conversion(&self, span: Span) -> TokenStream {
        let arms = self.sites.iter().filter(|(_, site)| self.has_slot(site));
        let arms = arms.map(|(index, site)| {
            let at = located(site.span.0);
            let private = self.runtime.private(at);
            let (cfgs, slot, number) = (&site.cfgs, name("s", index, at), number(index));
            let (prefix, ty) = match &self.sink {
                ErrorSink::Function(ty) => (None, ty),
                ErrorSink::Collected(ty) => (Some(quote_spanned!(at=> @collected)), ty),
                ErrorSink::Reported => unreachable!("a reported error has no slot"),
            };
            let ty = erased(ty);
            let ty = moved(quote!(#ty), at);
            let error = quote_spanned!(span=> __error);
            quote_spanned!(at=> #(#cfgs)* #number => #private::convert!(#prefix #ty, #slot, #error),)
        });
        quote_spanned!(span=> move |__slot: u32, __error| match __slot {
            #(#arms)*
            _ => ::core::result::Result::Err(__error),
        })
    }

    /// What the spawns of a body need at its top.
    ///
    /// ```text
    /// Output: use ::rejoin::__private::receiver::{Forgetting as _, Known as _, Unknown as _};
    ///         let __r1 = __s1.by_ref();
    /// ```
    fn declarations(&self) -> Vec<Stmt> {
        let mut stmts = Vec::new();
        let is_method = |(_, site): &(usize, &Site)| matches!(site.callee, Callee::Method(_));
        if let Some((_, site)) = self.sites.iter().find(is_method) {
            let span = located(site.span.0);
            let private = self.runtime.private(span);
            stmts.push(quote_spanned!(span=>
                use #private::receiver::{Forgetting as _, Known as _, Unknown as _};
            ));
        }
        let captured = |(_, site): &(usize, &Site)| self.has_slot(site) && site.captured;
        stmts.extend(self.sites.iter().filter(captured).map(|(index, site)| {
            let span = located(site.span.0);
            let cfgs = &site.cfgs;
            let (slot, by_ref) = (name("s", index, span), name("r", index, span));
            quote_spanned!(span=> #(#cfgs)* let #by_ref = #slot.by_ref();)
        }));
        let verbatim = |tokens| Stmt::Expr(Expr::Verbatim(tokens), None);
        stmts.into_iter().map(verbatim).collect()
    }

    /// The question about the receiver of a site.
    ///
    /// ```text
    /// Output: let __p0 = ::rejoin::__private::Probe::new();
    /// ```
    pub(super) fn probe(&self, index: usize) -> TokenStream {
        let Some(site) = self.sites.get(index) else {
            return TokenStream::new();
        };
        let span = located(site.span.0);
        let private = self.runtime.private(span);
        let (cfgs, probe) = (&site.cfgs, name("p", index, span));
        quote_spanned!(span=> #(#cfgs)* let #probe = #private::Probe::new();)
    }

    /// `::rejoin::__private::place().await;`
    pub(super) fn place(&self, span: Span) -> TokenStream {
        let span = located(span);
        let private = self.runtime.private(span);
        quote_spanned!(span=> #private::place().await;)
    }

    /// A site as the runtime sees it. Where a `use` brought the callee in, it stays used: by another `use`, because
    /// an expression that names the callee is what `clippy::disallowed_methods` may forbid.
    ///
    /// ```text
    /// Output: const { use task::spawn as _; &::rejoin::__private::Site::new(NAME) }
    ///         const { &::rejoin::__private::Site::in_group(NAME, &__REJOIN_GROUP, 0u32) }
    /// ```
    fn site(&self, index: usize, site: &Site) -> TokenStream {
        let user = site.span.0;
        let span = located(user);
        let mention = match &site.callee {
            Callee::Path {
                imported: Some(path),
                ..
            } => {
                let path: TokenStream = generated(quote!(#path));
                Some(quote_spanned!(span=> use #path as _;))
            }
            _ => None,
        };
        let private = self.runtime.private(user);
        let name = self.name.at(user);
        // The call wears the user's own span: `Location::caller` resolves the macro's hygiene to the attribute.
        let call = if self.has_slot(site) {
            let number = number(index);
            let group = quote_spanned!(span=> &__REJOIN_GROUP);
            quote_spanned!(user=> #private::Site::in_group(#name, #group, #number))
        } else {
            quote_spanned!(user=> #private::Site::new(#name))
        };
        quote_spanned!(span=> const { #mention &#call })
    }

    /// What stands in the place of a spawn; the spawns in its argument have been replaced.
    pub(super) fn spawn(&self, index: usize, site: &Site, argument: &Expr) -> TokenStream {
        match &site.callee {
            Callee::Method(call) => self.by_method(index, site, call, argument),
            Callee::Path { .. } => match site.disposition {
                Disposition::Held => {
                    self.call(index, site, prefixed("spawn", site.kind), None, argument)
                }
                Disposition::Discarded { unit } => self.discarded(index, site, unit, argument),
            },
        }
    }

    /// A call of the runtime. It wears the user's own spans: a spawn outside a runtime panics at the user's line.
    fn call(
        &self,
        index: usize,
        site: &Site,
        function: String,
        slot: Option<TokenStream>,
        argument: &Expr,
    ) -> TokenStream {
        let user = site.span.0;
        let span = located(user);
        let private = self.runtime.private(user);
        let function = Ident::new(&function, user);
        let generics = match &site.callee {
            Callee::Path {
                generics: Some(generics),
                ..
            } => {
                let args = generics.args.iter();
                let route = slot.as_ref().map(|_| quote_spanned!(span=> _));
                Some(quote_spanned!(user=> ::<#(#args,)* #route>))
            }
            _ => None,
        };
        let record = self.site(index, site);
        let slot = slot.map(|slot| quote_spanned!(span=> #slot,));
        quote_spanned!(user=> #private::#function #generics(#record, #slot #argument))
    }

    /// A spawn whose value nothing can observe.
    ///
    /// ```text
    /// Input:  tokio::spawn(f);
    /// Output: ::rejoin::__private::launch(SITE, __s0, f);
    /// Output: match ::rejoin::__private::Slot::new() {
    ///             __slot => {
    ///                 ::rejoin::__private::launch(SITE, __slot, f);
    ///                 ::rejoin::__private::reported!(__slot)
    ///             }
    ///         };
    /// Input:  tokio::spawn(async move { work().await; });
    /// Output: ::rejoin::__private::launch(SITE, ::rejoin::__private::plain(), async move { work().await; });
    /// ```
    fn discarded(&self, index: usize, site: &Site, unit: bool, argument: &Expr) -> TokenStream {
        let span = located(site.span.0);
        let private = self.runtime.private(span);
        let mut function = prefixed("launch", site.kind);
        if !unit {
            function.push_str("_typed");
        }
        if site.plain {
            let slot = quote_spanned!(span=> #private::plain());
            return self.call(index, site, function, Some(slot), argument);
        }
        if self.has_slot(site) {
            let slot = Self::slot(index, site);
            return self.call(index, site, function, Some(slot), argument);
        }
        let slot = quote_spanned!(span=> __slot);
        let call = self.call(index, site, function, Some(slot.clone()), argument);
        self.reported(site, &slot, &call, unit)
    }

    /// A launch, and after it the question about its output.
    fn reported(
        &self,
        site: &Site,
        slot: &TokenStream,
        call: &TokenStream,
        unit: bool,
    ) -> TokenStream {
        let span = located(site.span.0);
        let private = self.runtime.private(span);
        if unit {
            quote_spanned!(span=> match #private::Slot::new() {
                #slot => {
                    #call;
                    #private::reported!(#slot)
                }
            })
        } else {
            quote_spanned!(span=> match #private::Slot::new() {
                #slot => {
                    let __handle = #call;
                    #private::reported!(#slot);
                    __handle
                }
            })
        }
    }

    /// The slot of a site, by value or through a reference that a closure can borrow again.
    fn slot(index: usize, site: &Site) -> TokenStream {
        let span = located(site.span.0);
        if site.captured {
            let by_ref = name("r", index, span);
            quote_spanned!(span=> *#by_ref)
        } else {
            let slot = name("s", index, span);
            quote_spanned!(span=> #slot)
        }
    }

    /// A spawn by a method whose receiver's type decides; for an unknown one the call stays what it is. Nothing stands around
    /// the call that would end the life of its temporaries.
    ///
    /// ```text
    /// Input:  set.spawn(f)
    /// Output: ::rejoin::__private::second(
    ///             ::rejoin::__private::see(__p0, &set),
    ///             (&&__p0).__rejoin_after(SITE, set.spawn((&&&__p0).__rejoin_edge(SITE, f))),
    ///         )
    /// ```
    fn by_method(
        &self,
        index: usize,
        site: &Site,
        call: &ExprMethodCall,
        argument: &Expr,
    ) -> TokenStream {
        let span = located(site.span.0);
        let private = self.runtime.private(span);
        let probe = name("p", index, span);
        let record = self.site(index, site);
        let kind = if site.kind.is_call() { "_call" } else { "" };
        let discarded = site.is_discarded();
        let (wrap, slot) = if discarded {
            let slot = if site.plain {
                quote_spanned!(span=> #private::plain())
            } else if self.has_slot(site) {
                Self::slot(index, site)
            } else {
                quote_spanned!(span=> __slot)
            };
            (
                format!("__rejoin_discard{kind}"),
                Some(quote_spanned!(span=> #slot,)),
            )
        } else {
            (format!("__rejoin_edge{kind}"), None)
        };
        let wrap = Ident::new(&wrap, span);
        let after = Ident::new(&format!("__rejoin_after{kind}"), span);
        let wrapped = quote_spanned!(span=> (&&&#probe).#wrap(#record, #slot #argument));
        let mut inner = call.clone();
        if let Some(first) = inner.args.first_mut() {
            *first = Expr::Verbatim(wrapped);
        }
        let receiver = &call.receiver;
        let mut value = quote_spanned!(span=> (&&#probe).#after(#record, #inner));
        if site.disposition == (Disposition::Discarded { unit: false }) {
            value = quote_spanned!(span=> (&&&#probe).__rejoin_typed(#slot #value));
        }
        let called = quote_spanned!(span=> #private::second(
            #private::see(#probe, &#receiver),
            #value,
        ));
        if discarded && !site.plain && !self.has_slot(site) {
            let slot = quote_spanned!(span=> __slot);
            // For an unknown receiver the value stays what it is, and what lints say about it.
            return self.reported(site, &slot, &called, false);
        }
        called
    }
}

fn prefixed(verb: &str, kind: Kind) -> String {
    match kind {
        Kind::Task => verb.to_owned(),
        Kind::Local => format!("{verb}_local"),
        Kind::Blocking => format!("{verb}_blocking"),
        Kind::Thread => format!("{verb}_thread"),
    }
}

pub(super) fn name(prefix: &str, index: usize, span: Span) -> Ident {
    Ident::new(&format!("__{prefix}{index}"), span)
}

fn number(index: usize) -> proc_macro2::Literal {
    proc_macro2::Literal::u32_suffixed(u32::try_from(index).unwrap_or(u32::MAX))
}
