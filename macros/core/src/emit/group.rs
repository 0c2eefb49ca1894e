//! What stands around the body of a `#[task_group]`.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::spanned::Spanned;
use syn::{Expr, Type};

use super::bodies::returned;
use super::handler::policy;
use super::sites::Spawns;
use super::{Bodies, Edge, Handler, erased};
use crate::options::policy::Policy;
use crate::spans::{located, moved};

/// A duration: written out, or the user's expression.
#[derive(Clone)]
pub enum Duration {
    Known(std::time::Duration, Span),
    Expr(Box<Expr>),
}

impl Duration {
    pub fn tokens(&self) -> TokenStream {
        match self {
            Duration::Known(duration, span) => known(*duration, located(*span)),
            Duration::Expr(expr) => expr.to_token_stream(),
        }
    }
}

/// A duration as an expression.
pub fn known(duration: std::time::Duration, span: Span) -> TokenStream {
    let (seconds, nanos) = (duration.as_secs(), duration.subsec_nanos());
    quote_spanned!(span=> ::core::time::Duration::new(#seconds, #nanos))
}

/// The options of a group as the runtime takes them.
#[derive(Clone, Default)]
pub struct GroupOptions {
    pub limit: Option<Expr>,
    pub deadline: Option<(Duration, Span)>,
    pub grace: Option<Duration>,
    pub warn_after: Option<Duration>,
    pub token: Option<Expr>,
    pub on_panic: Policy,
    pub collect: bool,
    pub isolate: bool,
}

impl GroupOptions {
    /// The user's expressions among them.
    pub fn expressions(&self) -> TokenStream {
        let deadline = self.deadline.as_ref().map(|(deadline, _)| deadline);
        let durations = [deadline, self.grace.as_ref(), self.warn_after.as_ref()];
        let mut tokens = TokenStream::new();
        for expr in [&self.limit, &self.token].into_iter().flatten() {
            expr.to_tokens(&mut tokens);
        }
        for duration in durations.into_iter().flatten() {
            if let Duration::Expr(expr) = duration {
                expr.to_tokens(&mut tokens);
            }
        }
        tokens
    }

    fn tokens(&self, private: &TokenStream, span: Span) -> TokenStream {
        let mut tokens = quote_spanned!(span=> #private::Options::new());
        if let Some(limit) = &self.limit {
            tokens.extend(quote_spanned!(span=> .limit(#limit)));
        }
        let deadline = self.deadline.as_ref().map(|(deadline, _)| deadline);
        for (name, duration) in [
            ("deadline", deadline),
            ("grace", self.grace.as_ref()),
            ("warn_after", self.warn_after.as_ref()),
        ] {
            if let Some(duration) = duration {
                let (name, duration) = (syn::Ident::new(name, span), duration.tokens());
                tokens.extend(quote_spanned!(span=> .#name(#duration)));
            }
        }
        if self.collect {
            tokens.extend(quote_spanned!(span=> .collect()));
        }
        if self.isolate {
            tokens.extend(quote_spanned!(span=> .isolate()));
        }
        if let Some(policy) = policy(&self.on_panic, private, span) {
            tokens.extend(quote_spanned!(span=> .on_panic(#policy)));
        }
        if let Some(token) = &self.token {
            // A clone, so that `token = token` does not move the argument which the body then owns.
            let at = located(syn::spanned::Spanned::span(token));
            let own = quote_spanned!(at=> ::core::clone::Clone::clone(&#token));
            tokens.extend(quote_spanned!(span=> .token(#own)));
        }
        tokens
    }
}

/// What a group is around.
#[derive(Clone, Copy)]
pub struct Grouped<'a> {
    pub output: Option<&'a Type>,
    pub edge: &'a Edge,
    pub options: &'a GroupOptions,
    pub spawns: &'a Spawns<'a>,
    /// What takes a panic of the group.
    pub handler: Option<&'a Handler>,
    /// The group is the function's future, and not awaited in it.
    pub lifted: bool,
}

impl Bodies<'_> {
    /// A group around a future.
    ///
    /// ```text
    /// Input:  async fn f(a: A) -> R { body }
    /// Output: async fn f(a: A) -> R {
    ///             static __REJOIN_GROUP: ::rejoin::__private::GroupId = ::rejoin::__private::GroupId::new(NAME);
    ///             SLOTS
    ///             ::rejoin::__private::task_group(
    ///                 &__REJOIN_GROUP,
    ///                 OPTIONS,
    ///                 async move { let _ = &a; body },
    ///                 |__b| ::rejoin::__private::shape!(__b),
    ///                 CONVERSION,
    ///             ).await
    ///         }
    /// ```
    ///
    /// Lifted, the group is what the function returns, and the options are those of its first poll.
    ///
    /// ```text
    /// Output: fn f(a: A) -> impl ::core::future::Future<Output = R> {
    ///             static __REJOIN_GROUP: …;
    ///             ::rejoin::__private::lifted_group(
    ///                 &__REJOIN_GROUP,
    ///                 |__id| ::rejoin::__private::open_group(__id, OPTIONS),
    ///                 async move { let _ = &a; body },
    ///                 |__b| ::rejoin::__private::shape!(__b),
    ///                 CONVERSION,
    ///             )
    ///         }
    /// ```
    pub fn group(&self, group: &Grouped<'_>, future: &TokenStream, span: Span) -> TokenStream {
        let Grouped {
            output,
            edge,
            options,
            spawns,
            handler,
            lifted,
        } = *group;
        let (slots, convert) = (spawns.slots(), spawns.conversion(span));
        let private = self.private(span);
        let user = self.private(self.ident);
        let name = self.name.at(self.ident);
        let function = quote_spanned!(self.ident=> #user::GroupId::new(#name));
        let require = options.deadline.as_ref().map(|(_, at)| {
            let at = located(*at);
            let private = self.private(at);
            let output = output.map_or_else(
                || quote_spanned!(at=> ()),
                |ty| moved(erased(ty).into_token_stream(), at),
            );
            quote_spanned!(at=> #private::require_deadline::<#output>();)
        });
        let shape = quote_spanned!(span=> #private::shape!(__b));
        let (shape, require) = if let Edge::Collected(ty) = edge {
            let at = located(ty.span());
            let there = self.private(at);
            // What the value hides is of no matter here.
            let ty = moved(erased(ty).into_token_stream(), at);
            (
                quote_spanned!(span=> #private::collecting!(#ty, #shape)),
                quote_spanned!(at=> #require #there::require_collected::<#ty>();),
            )
        } else {
            (shape, quote_spanned!(span=> #require))
        };
        let options = options.tokens(&private, span);
        // The user's own place: a group that needs a timer panics there without one.
        let group = if lifted {
            let args = quote_spanned!(span=> __id, #options);
            let open = quote_spanned!(self.ident=> #user::open_group(#args));
            quote_spanned!(span=> #private::lifted_group(
                &__REJOIN_GROUP,
                |__id| #open,
                #future,
                |__b| #shape,
                #convert,
            ))
        } else {
            let args =
                quote_spanned!(span=> &__REJOIN_GROUP, #options, #future, |__b| #shape, #convert);
            quote_spanned!(self.ident=> #user::task_group(#args))
        };
        let group = match handler {
            Some(handler) => self.guard(group, handler, span),
            None => group,
        };
        let value = if lifted {
            quote_spanned!(span=> return #group;)
        } else {
            returned(quote_spanned!(span=> #group.await), edge, span)
        };
        quote_spanned!(span=>
            static __REJOIN_GROUP: #private::GroupId = #function;
            #require
            #slots
            #value
        )
    }
}
