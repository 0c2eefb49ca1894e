//! Errors, gathered and told together; the item is emitted beside them, so that editors and the rest of the build go on.

use proc_macro2::{Span, TokenStream};

/// The errors of one expansion.
#[derive(Default)]
pub struct Diagnostics {
    errors: Option<syn::Error>,
}

impl Diagnostics {
    /// Adds an error at `span`.
    pub fn push(&mut self, span: Span, message: impl std::fmt::Display) {
        self.add(syn::Error::new(span, message));
    }

    pub fn add(&mut self, error: syn::Error) {
        match &mut self.errors {
            Some(errors) => errors.combine(error),
            None => self.errors = Some(error),
        }
    }

    /// Ends a step: what was found so far, if anything, is all that is told.
    pub fn barrier(&mut self) -> syn::Result<()> {
        self.errors.take().map_or(Ok(()), Err)
    }
}

/// The expansion, or the item as it was written with the errors.
pub fn finish(item: TokenStream, expanded: syn::Result<TokenStream>) -> TokenStream {
    expanded.unwrap_or_else(|error| {
        let mut tokens = item;
        tokens.extend(error.into_compile_error());
        tokens
    })
}
