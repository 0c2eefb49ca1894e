//! What takes a panic of a guarded body.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::spanned::Spanned;
use syn::{Expr, Type};

use super::group::known;
use super::{Bodies, inferred, site};
use crate::options::policy::{Policy, Reaction};
use crate::spans::located;

/// What takes a panic: first the policy, then the answer.
pub struct Handler {
    pub answer: Answer,
    pub policy: Policy,
}

/// What becomes of a panic.
pub enum Answer {
    /// The trait `FromPanic` of this type.
    FromPanic(Type),
    /// The trait, for what axum's `IntoResponse` makes.
    Response,
    /// The user's value, or closure.
    Or { value: Expr, response: bool },
    /// It goes on unwinding.
    Resume,
}

impl Handler {
    pub fn makes_response(&self) -> bool {
        matches!(
            self.answer,
            Answer::Response | Answer::Or { response: true, .. }
        )
    }
}

/// What a policy says of the process, as the runtime takes it; `None` where it says nothing.
///
/// ```text
/// Output: ::rejoin::__private::PanicPolicy::abort_after(5, Duration).abort_if_unjoined(Duration)
/// ```
pub fn policy(policy: &Policy, private: &TokenStream, span: Span) -> Option<TokenStream> {
    if !policy.has_consequences() {
        return None;
    }
    let reaction = match policy.reaction {
        None => quote_spanned!(span=> recover()),
        Some(Reaction::Shutdown) => quote_spanned!(span=> shutdown()),
        Some(Reaction::Abort) => quote_spanned!(span=> abort()),
        Some(Reaction::AbortAfter { panics, within }) => {
            let within = known(within, span);
            quote_spanned!(span=> abort_after(#panics, #within))
        }
    };
    let unjoined = policy.unjoined.map(|after| {
        let after = known(after, span);
        quote_spanned!(span=> .abort_if_unjoined(#after))
    });
    Some(quote_spanned!(span=> #private::PanicPolicy::#reaction #unjoined))
}

impl Bodies<'_> {
    /// The handler as an expression.
    ///
    /// With a policy, the panic is weighed first:
    ///
    /// ```text
    /// Output: |__panic| <R as ::rejoin::FromPanic>::from_panic(::rejoin::__private::weighed(SITE, POLICY, __panic))
    ///         ::rejoin::__private::weighing(SITE, POLICY, |panic| …)
    /// ```
    pub fn handler(&self, handler: &Handler, span: Span) -> TokenStream {
        let Handler {
            answer,
            policy: own,
        } = handler;
        let private = self.private(span);
        let weighed = policy(own, &private, span).map(|policy| {
            let site = site(self.runtime, self.name, self.ident, None);
            quote_spanned!(span=> #site, #policy)
        });
        let panic = weighed.as_ref().map_or_else(
            || quote_spanned!(span=> __panic),
            |weighed| quote_spanned!(span=> #private::weighed(#weighed, __panic)),
        );
        match answer {
            Answer::Resume => quote_spanned!(span=> |__panic| #panic.resume()),
            Answer::FromPanic(ty) => {
                // At the return type: that is what lacks the trait, if it is lacking.
                let at = located(ty.span());
                let root = self.runtime.at(at);
                let ty = inferred(ty);
                // A closure asks for the trait once; the function's own type would ask wherever it is named.
                quote_spanned!(at=> |__panic| <#ty as #root::FromPanic>::from_panic(#panic))
            }
            Answer::Response => {
                let root = self.runtime.at(span);
                quote_spanned!(span=> |__panic| {
                    <#private::axum::Response as #root::FromPanic>::from_panic(#panic)
                })
            }
            Answer::Or { value, response } => {
                let handler = self.own_answer(value, *response, span);
                match weighed {
                    Some(weighed) => quote_spanned!(span=> #private::weighing(#weighed, #handler)),
                    None => handler,
                }
            }
        }
    }

    /// What the user says the panic becomes.
    fn own_answer(&self, value: &Expr, response: bool, span: Span) -> TokenStream {
        let private = self.private(span);
        let closure = matches!(crate::scan::peel(value), Expr::Closure(_));
        match (closure, response) {
            (true, false) => value.to_token_stream(),
            (false, false) => quote_spanned!(span=> |_| #value),
            (false, true) => quote_spanned!(span=>
                |_| #private::axum::IntoResponse::into_response(#value)
            ),
            (true, true) => {
                let root = self.runtime.at(span);
                quote_spanned!(span=> |__panic| {
                    fn __or<T>(
                        f: impl ::core::ops::FnOnce(#root::PanicError) -> T,
                        panic: #root::PanicError,
                    ) -> T {
                        f(panic)
                    }
                    #private::axum::IntoResponse::into_response(__or(#value, __panic))
                })
            }
        }
    }
}
