//! What stands around a guarded function.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{Expr, ImplItemFn, ReturnType, Type};

use super::{Context, name_of};
use crate::emit::{self, Answer, Bodies, Edge, Handler, Runtime};
use crate::item::desugar;
use crate::item::params::{Params, borrowed_by_both};
use crate::item::signature::{Shape, boxed_argument, is_into_response};
use crate::options::guard::GuardOptions;
use crate::options::policy::OnPanic;
use crate::scan::attrs;
use crate::spans::located;

/// Puts the guard around a function whose spawns are rewritten; whether there is one.
pub(super) fn wrap(
    options: &GuardOptions,
    context: &Context<'_>,
    function: &mut ImplItemFn,
) -> syn::Result<bool> {
    if options.only_rewrites(context.bare) {
        return Ok(false);
    }
    let runtime = Runtime::new(options.common.runtime.clone());
    let name = name_of(options.common.name.as_ref(), context, function);
    let bodies = Bodies {
        runtime: &runtime,
        name: &name,
        ident: function.sig.ident.span(),
    };
    let on_panic = options.then(context.bare);
    let or = options.or.as_ref().map(ToTokens::to_token_stream);
    if let Some(or) = &or {
        check_or(or, function)?;
    }
    if context.lift && desugar::is_invisible(function, or.as_ref()) {
        wrap_lifted(options, &bodies, on_panic, function)?;
    } else {
        wrap_body(options, &bodies, on_panic, or.as_ref(), function)?;
    }
    attrs::allow_unfulfilled(&mut function.attrs);
    Ok(true)
}

/// The value after a panic is made when the body has ended, and the body has taken the parameters that it names.
fn check_or(or: &TokenStream, function: &ImplItemFn) -> syn::Result<()> {
    match borrowed_by_both(function, or) {
        None => Ok(()),
        Some(name) => Err(syn::Error::new_spanned(
            or,
            format_args!(
                "`or` reads `{name}`, which the body has by `&mut`: write a value without it, or recover in the function that owns it"
            ),
        )),
    }
}

/// The function returns its guarded future.
fn wrap_lifted(
    options: &GuardOptions,
    bodies: &Bodies<'_>,
    on_panic: OnPanic,
    function: &mut ImplItemFn,
) -> syn::Result<()> {
    let value = match &function.sig.output {
        ReturnType::Default => syn::parse_quote_spanned!(bodies.ident=> ()),
        ReturnType::Type(_, ty) => (**ty).clone(),
    };
    let handler = handler(options, on_panic, &value)?;
    let params = Params::take(function, None, &TokenStream::new());
    let edge = Edge::of(&function.sig.output);
    function.block = bodies.guarded_lifted(&function.block, &edge, &params, &handler);
    emit::lift(&mut function.sig);
    Ok(())
}

fn wrap_body(
    options: &GuardOptions,
    bodies: &Bodies<'_>,
    on_panic: OnPanic,
    or: Option<&TokenStream>,
    function: &mut ImplItemFn,
) -> syn::Result<()> {
    let shape = match Shape::of(&function.sig, &function.block) {
        // What stands before the box runs in the call, which is guarded too.
        Shape::Boxed { output } if function.block.stmts.len() > 1 => Shape::Returned {
            output,
            boxed: true,
        },
        shape => shape,
    };
    let unit = || syn::parse_quote_spanned!(function.sig.ident.span()=> ());
    let value = match (&shape, &function.sig.output) {
        (Shape::Boxed { output } | Shape::Returned { output, .. }, _) => output.clone(),
        (_, ReturnType::Default) => unit(),
        (_, ReturnType::Type(_, ty)) => (**ty).clone(),
    };
    let handler = handler(options, on_panic, &value)?;
    let params = match shape {
        // Its parameters are in the block already, or in the box.
        Shape::Boxed { .. } => Params::none(),
        _ => Params::take(function, or, &TokenStream::new()),
    };
    let body = &function.block;
    let edge = Edge::of(&function.sig.output);
    function.block = match shape {
        Shape::Async => bodies.guarded_async(body, &edge, &params, &handler),
        Shape::Plain => bodies.guarded_sync(body, &edge, &params, &handler),
        Shape::Returned { boxed, .. } => {
            bodies.guarded_returned(body, &edge, &params, &handler, boxed)
        }
        Shape::Boxed { output } => {
            let mut body = body.clone();
            if let Some(argument) = boxed_argument(&mut body)
                && let Expr::Async(literal) = &*argument
            {
                let span = located(literal.block.brace_token.span.open());
                let future = bodies.future(&literal.block, &Edge::Type(output), &Params::none());
                *argument = Expr::Verbatim(bodies.guard(future, &handler, span));
            }
            body
        }
    };
    Ok(())
}

/// What takes a panic of a function with this value.
fn handler(options: &GuardOptions, on_panic: OnPanic, value: &Type) -> syn::Result<Handler> {
    let policy = options.on_panic;
    let response = is_into_response(value);
    let answer = |answer| Ok(Handler { answer, policy });
    if on_panic == OnPanic::Unwind {
        return answer(Answer::Resume);
    }
    if let Some(or) = &options.or {
        return answer(Answer::Or {
            value: or.clone(),
            response,
        });
    }
    if matches!(value, Type::Never(_)) {
        return Err(syn::Error::new(
            value.span(),
            "a function that returns `!` has no value to return after a panic: write `on_panic = \"unwind\"` or `on_panic = \"abort\"`",
        ));
    }
    answer(if response {
        Answer::Response
    } else {
        Answer::FromPanic(value.clone())
    })
}
