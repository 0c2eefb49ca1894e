//! What stands around the program's `async fn main`.

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::{Attribute, ImplItemFn};

use crate::diagnostics::Diagnostics;
use crate::emit::{Bodies, Duration, Edge, Name, Runtime, Service};
use crate::item::params::Params;
use crate::options::main::{GRACE, MainOptions};

/// Puts the service around a function whose spawns are rewritten.
pub(super) fn expand(options: &MainOptions, function: &mut ImplItemFn) {
    let ident = function.sig.ident.clone();
    let name = match &options.common.name {
        Some(name) => Name::Given(name.clone()),
        None => Name::Function(ident.to_string()),
    };
    let bodies = Bodies {
        runtime: &Runtime::new(options.common.runtime.clone()),
        name: &name,
        ident: ident.span(),
    };
    let grace = options
        .grace
        .clone()
        .unwrap_or(Duration::Known(GRACE, ident.span()));
    let service = Service {
        flavor: options.flavor,
        flavor_at: options.flavor_at,
        worker_threads: options.worker_threads.clone(),
        start_paused: options.start_paused.clone(),
        grace,
    };
    let edge = Edge::of(&function.sig.output);
    let params = Params::take(function, None, &TokenStream::new());
    function.sig.asyncness = None;
    function.block = bodies.service(&function.block, &edge, &params, &service);
}

/// What stands in place of a function with a fault: rustc refuses an `async fn main` for itself, which would be a second
/// error. Its body is still checked. One under a second such attribute is left to that.
pub(super) fn unfinished(mut function: ImplItemFn) -> TokenStream {
    let alone = other_main(&function).is_none();
    if alone && function.sig.asyncness.take().is_some() {
        let ident = function.sig.ident.clone();
        let bodies = Bodies {
            runtime: &Runtime::new(None),
            name: &Name::Function(ident.to_string()),
            ident: ident.span(),
        };
        let edge = Edge::of(&function.sig.output);
        let params = Params::take(&mut function, None, &TokenStream::new());
        function.block = bodies.unfinished(&function.block, &edge, &params);
    }
    function.into_token_stream()
}

/// The attribute ends the process, so it stands on `main`, alone, and makes a plain `fn` of an `async fn`.
pub(super) fn check(diag: &mut Diagnostics, function: &ImplItemFn) {
    let ident = &function.sig.ident;
    if ident != "main" {
        diag.push(
            ident.span(),
            format_args!(
                "`#[rejoin::main]` ends the process, so it goes on `main` alone: on `{ident}` write `#[tokio::main]`, and drain at its end with `rejoin::root().join(grace).await`"
            ),
        );
    } else if let Some(at) = other_main(function) {
        diag.push(
            syn::spanned::Spanned::span(at.path()),
            "two attributes that build a runtime: leave out this one, `#[rejoin::main]` has its options",
        );
    } else if function.sig.asyncness.is_none() && function.sig.constness.is_none() {
        let word = syn::Ident::new("block_on", Span::call_site());
        let by_other = crate::scan::discard::has_name(function.block.to_token_stream(), &word);
        diag.push(
            function.sig.fn_token.span,
            if by_other {
                "`#[rejoin::main]` needs an `async fn`, and this one has its runtime already: leave out `#[tokio::main]`"
            } else {
                "`#[rejoin::main]` needs an `async fn`: write `async fn main`"
            },
        );
    }
}

/// Another attribute that makes a main function.
fn other_main(function: &ImplItemFn) -> Option<&Attribute> {
    let is_main = |attr: &&Attribute| {
        attr.path()
            .segments
            .last()
            .is_some_and(|last| last.ident == "main")
    };
    function.attrs.iter().find(is_main)
}
