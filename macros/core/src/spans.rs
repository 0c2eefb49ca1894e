//! Spans of tokens that no user wrote.

use proc_macro2::{Span, TokenStream, TokenTree};

/// The macro's hygiene at the user's place.
pub fn located(span: Span) -> Span {
    Span::mixed_site().located_at(span)
}

/// Tokens with their own hygiene at another place.
pub fn moved(tokens: TokenStream, to: Span) -> TokenStream {
    tokens
        .into_iter()
        .map(|mut token| {
            if let TokenTree::Group(group) = &token {
                let mut inner =
                    proc_macro2::Group::new(group.delimiter(), moved(group.stream(), to));
                inner.set_span(to.resolved_at(group.span()));
                return TokenTree::Group(inner);
            }
            token.set_span(to.resolved_at(token.span()));
            token
        })
        .collect()
}

/// Tokens at their places with the macro's hygiene, so that lints let them be.
pub fn generated(tokens: TokenStream) -> TokenStream {
    tokens
        .into_iter()
        .map(|mut token| {
            let span = located(token.span());
            if let TokenTree::Group(group) = &token {
                let mut inner =
                    proc_macro2::Group::new(group.delimiter(), generated(group.stream()));
                inner.set_span(span);
                return TokenTree::Group(inner);
            }
            token.set_span(span);
            token
        })
        .collect()
}
