//! What the analysis of `#[must_join]` says, and what it adds.

use std::collections::HashSet;

use proc_macro2::Ident;
use quote::quote;
use syn::{ImplItemFn, ReturnType, Type};

use super::Context;
use crate::diagnostics::Diagnostics;
use crate::leak::build::Shape as Handles;
use crate::leak::report::Leak;
use crate::spans::located;

/// The errors of the analysis; those about what is conditional are conditional too.
pub(super) fn refuse(context: &mut Context<'_>, leaks: Vec<Leak>) -> syn::Result<()> {
    let mut diag = Diagnostics::default();
    let mut exits = HashSet::new();
    for mut leak in leaks {
        // Several handles in one variable are lost at one exit, which says so once.
        let at = format!("{:?} {:?}", leak.exit, leak.exit_message);
        if leak.cfgs.is_empty() && !exits.insert(at) {
            leak.exit_message = None;
        }
        let tokens = [leak.spawn, leak.spawn_end].map(|span| Ident::new("spawn", span));
        let mut error = syn::Error::new_spanned(quote!(#(#tokens)*), &leak.message);
        if let (Some(exit), Some(message)) = (leak.exit, &leak.exit_message) {
            error.combine(syn::Error::new(exit, message));
        }
        if leak.cfgs.is_empty() {
            diag.add(error);
        } else {
            let cfgs = &leak.cfgs;
            for error in error {
                let error = error.into_compile_error();
                context.conditional.extend(quote!(#(#cfgs)* #error));
            }
        }
    }
    diag.barrier()
}

/// A function that returns handles says that they must be used; whether it does so now and did not before.
///
/// A `Result` says so already, but not of a handle in its `JoinHandle`'s output; and what a trait declares is the trait's.
pub(super) fn mark(function: &mut ImplItemFn, of_trait: bool) -> bool {
    let marked = |attr: &syn::Attribute| attr.path().is_ident("must_use");
    if of_trait || function.attrs.iter().any(marked) {
        return false;
    }
    let ReturnType::Type(_, ty) = &function.sig.output else {
        return false;
    };
    let is_result = matches!(&**ty, Type::Path(path)
        if path.path.segments.last().is_some_and(|last| last.ident == "Result"));
    let reason = match Handles::of(ty) {
        Some(_) if is_result => return false,
        None => return false,
        Some(Handles::Handle) => "the task is joined through this handle",
        Some(_) => "the tasks are joined through these handles",
    };
    let span = located(function.sig.ident.span());
    function
        .attrs
        .push(syn::parse_quote_spanned!(span=> #[must_use = #reason]));
    true
}
