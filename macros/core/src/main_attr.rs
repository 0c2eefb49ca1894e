//! `#[rejoin::main]`: a service, from start to exit.

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::visit_mut::VisitMut;
use syn::{Expr, ExprLit, ImplItemFn, Lit, LitStr, Path};

use crate::args::{self, Given, Value};
use crate::depth;
use crate::diag::Diagnostics;
use crate::emit::{self, Bodies, Duration, Edge, Flavor, Name, Runtime, Service, Spawns, Taker};
use crate::function;
use crate::pass::groups::Open;
use crate::pass::imports::Names;
use crate::pass::params::Params;
use crate::pass::spawn::{Rewrite, Waits};
use crate::task_group;

const ATTRIBUTE: &str = "rejoin::main";

const OPTIONS: [(&str, &str); 6] = [
    ("grace", "\"25s\""),
    ("name", "\"shop\""),
    ("flavor", "\"current_thread\""),
    ("worker_threads", "4"),
    ("start_paused", "true"),
    ("crate", "my_crate::rejoin"),
];

/// Below Kubernetes' 30 seconds, with room for what comes after it.
const GRACE: std::time::Duration = std::time::Duration::from_secs(25);

const FLAVORS: [(&str, Flavor); 3] = [
    ("multi_thread", Flavor::MultiThread),
    ("current_thread", Flavor::CurrentThread),
    ("local", Flavor::Local),
];

/// The options of `#[rejoin::main]`.
#[derive(Default)]
struct Args {
    flavor: Flavor,
    flavor_at: Option<Span>,
    worker_threads: Option<Expr>,
    start_paused: Option<Expr>,
    grace: Option<Duration>,
    name: Option<LitStr>,
    runtime: Option<Path>,
}

impl Args {
    fn parse(tokens: TokenStream) -> syn::Result<Self> {
        let mut diag = Diagnostics::default();
        let mut parsed = Self::default();
        let (mut threads, mut paused) = (None, None);
        for option in args::parse(&mut diag, ATTRIBUTE, &OPTIONS, tokens)? {
            match (&*option.name.to_string(), &option.value) {
                ("grace", _) => parsed.grace = task_group::time(&mut diag, &option),
                ("name", _) => parsed.name = args::name(&mut diag, &option),
                ("flavor", value) => {
                    parsed.flavor_at = Some(value.span());
                    parsed.flavor = args::word(&mut diag, &option, &FLAVORS).unwrap_or_default();
                }
                ("worker_threads", Value::Expr(value)) => {
                    threads = Some(option.span());
                    parsed.worker_threads = worker_threads(&mut diag, value);
                }
                ("start_paused", Value::Expr(value)) => {
                    paused = Some(option.span());
                    parsed.start_paused = start_paused(&mut diag, &option, value);
                }
                ("crate", Value::Path(path)) => parsed.runtime = Some(path.clone()),
                _ => {}
            }
        }
        diag.barrier()?;
        check_flavor(&mut diag, parsed.flavor, threads, paused);
        diag.barrier()?;
        Ok(parsed)
    }
}

/// At least one thread; an expression is the compiler's to check.
fn worker_threads(diag: &mut Diagnostics, value: &Expr) -> Option<Expr> {
    if let Expr::Lit(ExprLit { lit, .. }) = value {
        let fault = match lit {
            Lit::Int(number) if number.base10_digits() != "0" => None,
            Lit::Int(_) => Some(
                "without a thread nothing would run: write at least 1, or leave out `worker_threads` for one a core",
            ),
            _ => Some(
                "`worker_threads` is a number, such as `worker_threads = 4`, or an expression of type `usize`",
            ),
        };
        if let Some(fault) = fault {
            diag.push(lit.span(), fault);
            return None;
        }
    }
    Some(value.clone())
}

/// `true` or `false`; an expression is the compiler's to check.
fn start_paused(diag: &mut Diagnostics, option: &Given, value: &Expr) -> Option<Expr> {
    if let Expr::Lit(ExprLit { lit, .. }) = value
        && !matches!(lit, Lit::Bool(_))
    {
        diag.push(
            option.value.span(),
            "`start_paused` is `true`, `false`, or an expression of type `bool`",
        );
        return None;
    }
    Some(value.clone())
}

/// Threads belong to the runtime that has some, a clock that stands still to one that has none.
fn check_flavor(
    diag: &mut Diagnostics,
    flavor: Flavor,
    threads: Option<Span>,
    paused: Option<Span>,
) {
    match (flavor, threads, paused) {
        (Flavor::CurrentThread | Flavor::Local, Some(at), _) => diag.push(
            at,
            "a runtime of this flavor has no worker threads: leave out `worker_threads`, or write `flavor = \"multi_thread\"`",
        ),
        (Flavor::MultiThread, _, Some(at)) => diag.push(
            at,
            "only a runtime on one thread can pause time: add `flavor = \"current_thread\"`, or leave out `start_paused`",
        ),
        _ => {}
    }
}

/// Expands `#[rejoin::main(args)] item`.
pub fn expand(args: TokenStream, item: TokenStream) -> TokenStream {
    let function = match read(item.clone()) {
        Ok(function) => function,
        Err(error) => return with_error(item, error),
    };
    let written = function.clone();
    try_expand(args, function).unwrap_or_else(|error| with_error(unfinished(written), error))
}

/// Refuses: this build of the runtime crate has nothing that a service would run on.
pub fn expand_without_feature(item: TokenStream) -> TokenStream {
    let error = syn::Error::new(
        Span::call_site(),
        "`#[rejoin::main]` needs the feature `main` of `rejoin`: write `features = [\"main\"]` behind it in Cargo.toml",
    );
    match read(item.clone()) {
        Ok(function) => with_error(unfinished(function), error),
        Err(_) => with_error(item, error),
    }
}

fn with_error(mut item: TokenStream, error: syn::Error) -> TokenStream {
    item.extend(error.into_compile_error());
    item
}

/// The function, if it is one.
fn read(item: TokenStream) -> syn::Result<ImplItemFn> {
    depth::check(ATTRIBUTE, &item)?;
    function::parse(
        item,
        "`#[rejoin::main]` goes on the program's `async fn main`",
    )
}

/// What stands in place of a function with a fault: rustc refuses an `async fn main` for itself, which would be a second
/// error. Its body is still checked. One under a second such attribute is left to that.
fn unfinished(mut function: ImplItemFn) -> TokenStream {
    let alone = function::position_of(&function.attrs, &["main"]).is_none();
    if alone && function.sig.asyncness.take().is_some() {
        let ident = function.sig.ident.clone();
        let bodies = Bodies {
            runtime: &Runtime::new(None),
            name: &Name::Function(ident.to_string()),
            ident: ident.span(),
        };
        let edge = Edge::of(&function.sig.output);
        let params = Params::take(&mut function, None);
        function.block = bodies.unfinished(&function.block, &edge, &params);
    }
    function.into_token_stream()
}

fn try_expand(args: TokenStream, mut function: ImplItemFn) -> syn::Result<TokenStream> {
    depth::check(ATTRIBUTE, &args)?;
    let parsed = Args::parse(args.clone())?;
    let mut diag = Diagnostics::default();
    function::check(&mut diag, ATTRIBUTE, &function.sig);
    diag.barrier()?;
    check_main(&mut diag, &function);
    diag.barrier()?;
    let runtime = Runtime::new(parsed.runtime.clone());
    let ident = function.sig.ident.clone();
    let others = ["task_group", "must_join", "guarded"];
    if let Some(at) = function::position_of(&function.attrs, &others) {
        // They read an `async fn`, so they come first.
        let deferred = emit::deferred_main(&runtime, &args, ident.span());
        function.attrs.insert(at + 1, deferred);
        return Ok(function.into_token_stream());
    }
    Open::default().visit_impl_item_fn_mut(&mut function);
    let name = parsed
        .name
        .map_or_else(|| Name::Function(ident.to_string()), Name::Given);
    let spawns = Spawns {
        runtime: runtime.clone(),
        name: name.clone(),
        taker: Taker::Reported,
        limit: false,
    };
    if !crate::guarded::is_expanded(&function) {
        let mut names = Names::new(parsed.runtime.as_ref(), []);
        names.enter_function(&function.sig, &function.block);
        Rewrite::new(&mut names, &spawns, Waits::Never).block(&mut function.block, false);
    }
    let bodies = Bodies {
        runtime: &runtime,
        name: &name,
        ident: ident.span(),
    };
    let service = Service {
        flavor: parsed.flavor,
        flavor_at: parsed.flavor_at,
        worker_threads: parsed.worker_threads,
        start_paused: parsed.start_paused,
        grace: parsed.grace.unwrap_or(Duration::Known(GRACE, ident.span())),
    };
    let edge = Edge::of(&function.sig.output);
    let params = Params::take(&mut function, None);
    function.sig.asyncness = None;
    function.block = bodies.service(&function.block, &edge, &params, &service);
    Ok(function.into_token_stream())
}

/// The attribute ends the process, so it stands on `main`, alone, and makes a plain `fn` of an `async fn`.
fn check_main(diag: &mut Diagnostics, function: &ImplItemFn) {
    let ident = &function.sig.ident;
    if ident != "main" {
        diag.push(
            ident.span(),
            format_args!(
                "`#[rejoin::main]` ends the process, so it goes on `main` alone: on `{ident}` write `#[tokio::main]`, and drain at its end with `rejoin::root().join(grace).await`"
            ),
        );
    } else if let Some(at) = function::position_of(&function.attrs, &["main"]) {
        diag.push(
            syn::spanned::Spanned::span(function.attrs[at].path()),
            "two attributes that build a runtime: leave out this one, `#[rejoin::main]` has its options",
        );
    } else if function.sig.asyncness.is_none() {
        let word = syn::Ident::new("block_on", Span::call_site());
        let by_other = crate::pass::discard::has_name(function.block.to_token_stream(), &word);
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

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;

    #[test]
    fn without_the_feature_one_error_says_what_to_write() {
        let tokens = expand_without_feature(quote! {
            async fn main() -> Result<(), Error> {
                serve().await?;
                Ok(())
            }
        });
        let file: syn::File = syn::parse2(tokens).unwrap();
        let [syn::Item::Fn(function), syn::Item::Macro(error)] = &file.items[..] else {
            panic!("not a function and an error");
        };
        assert!(function.sig.asyncness.is_none(), "rustc refuses it");
        let body = function.block.to_token_stream().to_string();
        assert!(body.contains("serve"), "{body}");
        let message = error.mac.tokens.to_string();
        assert!(message.contains("features = [\\\"main\\\"]"), "{message}");
    }

    #[test]
    fn the_default_grace_is_below_that_of_kubernetes() {
        let tokens = expand(
            TokenStream::new(),
            quote!(
                async fn main() {}
            ),
        )
        .to_string();
        assert!(tokens.contains("new (25u64 , 0u32)"), "{tokens}");
    }
}
