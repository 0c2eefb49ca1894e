//! What stands around the body of a task group.

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{Block, Expr, ImplItemFn, ReturnType, Type};

use super::{Context, name_of};
use crate::emit::sites::{ErrorSink, Spawns};
use crate::emit::{self, Answer, Bodies, Edge, Grouped, Handler, Runtime};
use crate::item::desugar;
use crate::item::params::Params;
use crate::item::signature::{Shape, boxed_argument, infer_returned, is_into_response};
use crate::leak::report::{Escape, Leak};
use crate::options::group::{GroupAttribute, OnFailure};
use crate::options::policy::{OnPanic, Policy};
use crate::scan::attrs;
use crate::scan::sites::{Disposition, Kind, Site, Sites, has_marker};
use crate::spans::located;

/// Makes a group of a function. It is lifted where nothing else stands around it.
///
/// # Errors
///
/// Where the function cannot wait for its tasks, or a task cannot be the group's.
pub(super) fn expand(
    attribute: &GroupAttribute,
    context: &Context<'_>,
    sites: &Sites,
    outermost: bool,
    function: &mut ImplItemFn,
) -> syn::Result<()> {
    let boxed = match Shape::of(&function.sig, &function.block) {
        Shape::Async => None,
        Shape::Boxed { output } => Some(output),
        Shape::Returned { .. } | Shape::Plain => return Err(not_async(function)),
    };
    let output = match (&boxed, &function.sig.output) {
        (Some(output), _) => Some(output.clone()),
        (None, ReturnType::Default) => None,
        (None, ReturnType::Type(_, ty)) => Some((**ty).clone()),
    };
    let collects = attribute.on_failure == OnFailure::Collect;
    if collects {
        check_collects(output.as_ref(), &function.sig)?;
    }
    // A group that collects is awaited: its wrong return type is told better there.
    let lifted = outermost
        && context.lift
        && !collects
        && desugar::is_invisible(function, Some(&attribute.options.expressions()));
    let runtime = Runtime::new(attribute.common.runtime.clone());
    let name = name_of(attribute.common.name.as_ref(), context, function);
    let handler = handler(attribute, output.as_ref())?;
    if boxed.is_some() {
        check_before_box(function, sites)?;
    }
    check_threads(attribute, sites)?;
    let unit = || syn::parse_quote_spanned!(function.sig.ident.span()=> ());
    let takes = output.clone().unwrap_or_else(unit);
    let spawns = Spawns {
        runtime: &runtime,
        name: &name,
        sites,
        sink: match attribute.on_failure {
            OnFailure::Cancel => ErrorSink::Function(takes),
            OnFailure::Collect => ErrorSink::Collected(takes),
            OnFailure::Isolate => ErrorSink::Reported,
        },
    };
    let bodies = Bodies {
        runtime: &runtime,
        name: &name,
        ident: function.sig.ident.span(),
    };
    let edge = edge(attribute.on_failure, boxed.as_ref(), &function.sig.output);
    let grouped = Grouped {
        output: output.as_ref(),
        edge: &edge,
        options: &attribute.options,
        handler: handler.as_ref(),
        spawns: &spawns,
        lifted,
    };
    let group = |body: &Block, params: &Params| {
        let span = located(body.brace_token.span.open());
        let future = match &handler {
            Some(handler) if handler.makes_response() => bodies.responding(body, params),
            _ => bodies.future(body, &edge, params),
        };
        bodies.group(&grouped, &future, span)
    };
    if boxed.is_some() {
        // What async_trait binds inside its block the block owns.
        if let Some(Expr::Async(literal)) = boxed_argument(&mut function.block) {
            spawns.replace_body(&mut literal.block);
            if collects {
                infer_returned(&mut literal.block);
            }
            let tokens = group(&literal.block, &Params::none());
            literal.block = emit::block(&literal.block, tokens);
        }
        return Ok(());
    }
    spawns.replace_body(&mut function.block);
    let params = Params::take(function, None, &attribute.options.expressions());
    let tokens = group(&function.block, &params);
    function.block = emit::block(&function.block, tokens);
    if lifted {
        emit::lift(&mut function.sig);
    }
    attrs::allow_unfulfilled(&mut function.attrs);
    Ok(())
}

/// A handle that leaves the function is of a task that has ended.
pub(super) fn refuse(context: &mut Context<'_>, escapes: Vec<Escape>) -> syn::Result<()> {
    let leaks = escapes.into_iter().map(|escape| Leak {
        spawn: escape.spawn,
        spawn_end: escape.spawn_end,
        exit: Some(escape.exit),
        message: escape.message,
        exit_message: Some(escape.exit_message),
        cfgs: escape.cfgs,
    });
    super::join::refuse(context, leaks.collect())
}

/// Statements before the box run in the call, when the group is not open.
fn check_before_box(function: &ImplItemFn, sites: &Sites) -> syn::Result<()> {
    let Some((_, before)) = function.block.stmts.split_last() else {
        return Ok(());
    };
    let mut tokens = TokenStream::new();
    for stmt in before {
        stmt.to_tokens(&mut tokens);
    }
    if !has_marker(&tokens) {
        return Ok(());
    }
    let at = sites
        .iter()
        .next()
        .map_or_else(Span::call_site, |(_, site)| site.span.0);
    Err(syn::Error::new(
        at,
        "this spawn runs before the group is open: move it into the `async move` block that the function returns, or write `#[guarded]`, under which the task belongs to the scope around the caller",
    ))
}

/// A thread is discarded as a statement of its own: its handle cannot be made without it.
fn check_threads(attribute: &GroupAttribute, sites: &Sites) -> syn::Result<()> {
    if attribute.on_failure == OnFailure::Isolate {
        return Ok(());
    }
    let typed = |site: &Site| {
        site.kind == Kind::Thread && site.disposition == Disposition::Discarded { unit: false }
    };
    match sites.iter().find(|(_, site)| typed(site)) {
        Some((_, site)) => Err(syn::Error::new(
            site.span.0,
            "the handle of this thread is dropped, and with it its error: write the spawn as a statement of its own, or keep the handle and join it",
        )),
        None => Ok(()),
    }
}

/// What the body yields.
fn edge(on_failure: OnFailure, boxed: Option<&Type>, output: &ReturnType) -> Edge {
    let written = boxed.map_or_else(|| Edge::of(output), |boxed| Edge::Type(boxed.clone()));
    match (on_failure, written) {
        (OnFailure::Collect, Edge::Type(output)) => Edge::Collected(output),
        (OnFailure::Collect, _) => Edge::Collected(syn::parse_quote!(())),
        (_, written) => written,
    }
}

/// A group that collects returns a `Result`. What is none for certain is refused here, the rest is the compiler's.
fn check_collects(output: Option<&Type>, signature: &syn::Signature) -> syn::Result<()> {
    let span = match output {
        None => signature.ident.span(),
        Some(ty @ (Type::Tuple(_) | Type::Never(_) | Type::Reference(_) | Type::ImplTrait(_))) => {
            ty.span()
        }
        Some(_) => return Ok(()),
    };
    Err(syn::Error::new(
        span,
        "`on_failure = \"collect\"` returns every error of the group: write `-> Result<T, rejoin::Errors<E>>`; inside the body `?` takes an `E`",
    ))
}

/// What stands outside the group.
fn handler(attribute: &GroupAttribute, output: Option<&Type>) -> syn::Result<Option<Handler>> {
    // The group itself has the policy.
    let policy = Policy::default();
    let recover = |answer| Some(Handler { answer, policy });
    Ok(match (attribute.options.on_panic.then, output) {
        (None | Some(OnPanic::Unwind), _) => None,
        (Some(OnPanic::Recover), None) => recover(Answer::FromPanic(
            syn::parse_quote_spanned!(Span::call_site()=> ()),
        )),
        (Some(OnPanic::Recover), Some(ty @ Type::Never(_))) => {
            return Err(syn::Error::new(
                ty.span(),
                "a function that returns `!` has no value to return after a panic: leave out `on_panic`, or write `on_panic = \"abort\"`",
            ));
        }
        (Some(OnPanic::Recover), Some(output)) if is_into_response(output) => {
            recover(Answer::Response)
        }
        (Some(OnPanic::Recover), Some(output)) => recover(Answer::FromPanic(output.clone())),
    })
}

/// Only an `async fn` can wait for its tasks.
fn not_async(function: &syn::ImplItemFn) -> syn::Error {
    let word = syn::Ident::new("block_on", Span::call_site());
    let by_tokio = crate::scan::discard::has_name(function.block.to_token_stream(), &word);
    syn::Error::new(
        function.sig.fn_token.span,
        if by_tokio {
            "`#[task_group]` needs an `async fn`: write it above `#[tokio::main]` or `#[tokio::test]`, which make a plain `fn` of one"
        } else {
            "`#[task_group]` needs an `async fn`, which can wait for its tasks; on a plain `fn`, write `async fn`, or use `#[guarded]`, under which its tasks belong to the scope around"
        },
    )
}
