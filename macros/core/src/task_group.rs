//! `#[task_group]`: structured concurrency.

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::visit_mut::VisitMut;
use syn::{Expr, ExprLit, Ident, ImplItemFn, Lit, LitStr, Path, ReturnType, Type};

use crate::args::{self, Given, Value};
use crate::depth;
use crate::diag::{self, Diagnostics};
use crate::emit::{
    self, Answer, Bodies, Duration, Edge, GroupOptions, Grouped, Handler, Name, Runtime, Spawns,
    Taker,
};
use crate::function;
use crate::pass::groups::Open;
use crate::pass::imports::Names;
use crate::pass::params::Params;
use crate::pass::policy::{OnPanic, Policy};
use crate::pass::signature::{Shape, boxed_argument, infer_returned, is_into_response};
use crate::pass::spawn::{Rewrite, Waits};
use crate::pass::{duration, lifetimes, lift};

const OPTIONS: [(&str, &str); 9] = [
    ("limit", "8"),
    ("deadline", "\"2s\""),
    ("grace", "\"500ms\""),
    ("warn_after", "\"10s\""),
    ("on_failure", "\"collect\""),
    ("on_panic", "\"recover\""),
    ("token", "expression"),
    ("name", "\"fan-out\""),
    ("crate", "my_crate::rejoin"),
];

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum OnFailure {
    #[default]
    Cancel,
    Collect,
    Isolate,
}

/// The options of `#[task_group]`.
struct Args {
    options: GroupOptions,
    on_failure: OnFailure,
    name: Option<LitStr>,
    runtime: Option<Path>,
}

impl Args {
    fn parse(tokens: TokenStream) -> syn::Result<Self> {
        let mut diag = Diagnostics::default();
        let mut options = GroupOptions::default();
        let mut on_panic = None;
        let mut parsed = Self {
            options: GroupOptions::default(),
            on_failure: OnFailure::Cancel,
            name: None,
            runtime: None,
        };
        for option in args::parse(&mut diag, "task_group", &OPTIONS, tokens)? {
            match (&*option.name.to_string(), &option.value) {
                ("limit", Value::Expr(value)) => options.limit = limit(&mut diag, value),
                ("deadline", value) => {
                    options.deadline = time(&mut diag, &option).map(|time| (time, value.span()));
                }
                ("grace", _) => options.grace = time(&mut diag, &option),
                ("warn_after", _) => options.warn_after = time(&mut diag, &option),
                ("on_failure", _) => {
                    let words = [
                        ("cancel", OnFailure::Cancel),
                        ("collect", OnFailure::Collect),
                        ("isolate", OnFailure::Isolate),
                    ];
                    parsed.on_failure = args::word(&mut diag, &option, &words).unwrap_or_default();
                }
                ("on_panic", value) => {
                    options.on_panic = args::on_panic(&mut diag, &option).unwrap_or_default();
                    on_panic = Some(value.span());
                }
                ("token", Value::Expr(value)) => options.token = Some(value.clone()),
                ("name", _) => parsed.name = args::name(&mut diag, &option),
                ("crate", Value::Path(path)) => parsed.runtime = Some(path.clone()),
                _ => {}
            }
        }
        options.collect = parsed.on_failure == OnFailure::Collect;
        options.isolate = parsed.on_failure == OnFailure::Isolate;
        if let Some(at) = on_panic {
            check_unjoined(&mut diag, at, &options.on_panic, parsed.on_failure);
        }
        parsed.options = options;
        diag.barrier()?;
        Ok(parsed)
    }
}

impl Args {
    fn name_of(&self, function: &Ident) -> Name {
        self.name
            .clone()
            .map_or_else(|| Name::Function(function.to_string()), Name::Given)
    }
}

/// Only a group that a panic cancels is to come home after it.
fn check_unjoined(diag: &mut Diagnostics, at: Span, on_panic: &Policy, on_failure: OnFailure) {
    if on_panic.unjoined.is_some() && on_failure != OnFailure::Cancel {
        diag.push(
            at,
            "`abort if unjoined` is for a group that a panic cancels, and with this `on_failure` it goes on: leave out one of the two",
        );
    }
}

/// At least one task must be able to run.
fn limit(diag: &mut Diagnostics, value: &Expr) -> Option<Expr> {
    if let Expr::Lit(ExprLit { lit, .. }) = value {
        match lit {
            Lit::Int(number) if number.base10_digits() == "0" => {
                diag.push(
                    number.span(),
                    "with a limit of zero no task could ever run: write at least 1, or leave out `limit`",
                );
                return None;
            }
            Lit::Int(_) => {}
            other => {
                diag.push(
                    other.span(),
                    "`limit` is a number of tasks, such as `limit = 8`, or an expression of type `usize`",
                );
                return None;
            }
        }
    }
    Some(value.clone())
}

/// A duration in words is read here; an expression is the compiler's to check.
pub fn time(diag: &mut Diagnostics, option: &Given) -> Option<Duration> {
    if let Some(text) = option.value.string() {
        return match duration::parse(&text.value()) {
            Ok(known) => Some(Duration::Known(known, text.span())),
            Err(reason) => {
                diag.push(text.span(), reason);
                None
            }
        };
    }
    match &option.value {
        Value::Expr(Expr::Lit(literal)) => {
            let given = literal.lit.to_token_stream();
            diag.push(
                literal.span(),
                format_args!(
                    "`{0}` is a string such as `{0} = \"2s\"`, or an expression of type `Duration`; `{given}` has no unit",
                    option.name
                ),
            );
            None
        }
        Value::Expr(value) => Some(Duration::Expr(Box::new(value.clone()))),
        Value::Path(_) => None,
    }
}

/// Expands `#[task_group(args)] item`.
pub fn expand(args: TokenStream, item: TokenStream) -> TokenStream {
    let expanded = try_expand(args, item.clone());
    diag::finish(item, expanded)
}

fn try_expand(args: TokenStream, item: TokenStream) -> syn::Result<TokenStream> {
    depth::check("task_group", &args)?;
    depth::check("task_group", &item)?;
    let given = args.clone();
    let args = Args::parse(args)?;
    let mut function = function::parse(item, "`#[task_group]` goes on an `async fn`")?;
    Open::default().visit_impl_item_fn_mut(&mut function);
    let mut diag = Diagnostics::default();
    function::check(&mut diag, "task_group", &function.sig);
    diag.barrier()?;
    if let Some(at) = function::position_of(&function.attrs, &["must_join"]) {
        // The analysis reads what the user wrote, so it comes first.
        let runtime = Runtime::new(args.runtime);
        let deferred = emit::deferred(&runtime, "task_group", &given, function.sig.ident.span());
        function.attrs.insert(at + 1, deferred);
        return Ok(function.into_token_stream());
    }
    let shape = Shape::of(&function.sig, &function.block);
    let boxed = match &shape {
        Shape::Async => None,
        Shape::Boxed { output } => Some(output.clone()),
        Shape::Returned { .. } | Shape::Plain => {
            return Err(not_async(&function));
        }
    };
    let output = match (&boxed, &function.sig.output) {
        (Some(output), _) => Some(output.clone()),
        (None, ReturnType::Default) => None,
        (None, ReturnType::Type(_, ty)) => Some((**ty).clone()),
    };
    // A group that collects is awaited: its wrong return type is told better there.
    let lifted = args.on_failure != OnFailure::Collect
        && lift::is_invisible(&function, Some(&args.options.expressions()));
    if args.on_failure == OnFailure::Collect {
        collects(output.as_ref(), &function.sig)?;
    }
    let ident = function.sig.ident.clone();
    let runtime = Runtime::new(args.runtime.clone());
    let name = args.name_of(&ident);
    let handler = handler(&args, output.as_ref())?;
    let unawaited = emit::unawaited(&function);
    rewrite(&args, &mut function, boxed.is_some(), output.as_ref());
    let bodies = Bodies {
        runtime: &runtime,
        name: &name,
        ident: ident.span(),
    };
    let edge = edge(args.on_failure, boxed.as_ref(), &function.sig.output);
    let grouped = Grouped {
        output: output.as_ref(),
        edge: &edge,
        options: &args.options,
        handler: handler.as_ref(),
        lifted,
    };
    let group = |body: &syn::Block, params: &Params| {
        let span = emit::located(body.brace_token.span.open());
        let future = match &handler {
            Some(handler) if handler.makes_response() => bodies.responding(body, params),
            _ => bodies.future(body, &edge, params),
        };
        bodies.group(&grouped, &future, span)
    };
    if boxed.is_some() {
        // What async_trait binds inside its block the block owns.
        if let Some(Expr::Async(literal)) = boxed_argument(&mut function.block) {
            if args.on_failure == OnFailure::Collect {
                infer_returned(&mut literal.block);
            }
            let tokens = group(&literal.block, &Params::none());
            literal.block = emit::block(&literal.block, tokens);
        }
    } else {
        let params = Params::take(&mut function, None);
        let tokens = group(&function.block, &params);
        function.block = emit::block(&function.block, tokens);
    }
    emit::begin_with(&mut function.block, unawaited);
    if lifted {
        emit::lift(&mut function.sig);
    }
    Ok(function.into_token_stream())
}

/// The spawns of the body. The error of a discarded one is taken as the return type says, with all lifetimes named.
fn rewrite(args: &Args, function: &mut ImplItemFn, boxed: bool, output: Option<&Type>) {
    let ident = function.sig.ident.clone();
    let named = output
        .filter(|_| args.on_failure != OnFailure::Isolate)
        .and_then(|output| lifetimes::named(&function.sig, output));
    let takes = named
        .as_ref()
        .map(|(_, output)| output.clone())
        .or_else(|| output.cloned())
        .unwrap_or_else(|| syn::parse_quote_spanned!(ident.span()=> ()));
    let taker = match args.on_failure {
        OnFailure::Cancel => Taker::Function(takes),
        OnFailure::Collect => Taker::Collected(takes),
        OnFailure::Isolate => Taker::Reported,
    };
    let spawns = Spawns {
        runtime: Runtime::new(args.runtime.clone()),
        name: args.name_of(&ident),
        taker: if boxed && args.on_failure != OnFailure::Isolate {
            Taker::Static(Box::new(taker))
        } else {
            taker
        },
        limit: args.options.limit.is_some(),
    };
    let mut names = Names::new(args.runtime.as_ref(), []);
    names.enter_function(&function.sig, &function.block);
    let mut pass = Rewrite::new(&mut names, &spawns, Waits::Here);
    match (boxed, boxed_argument(&mut function.block)) {
        (true, Some(Expr::Async(literal))) => pass.block(&mut literal.block, false),
        _ => pass.block(&mut function.block, false),
    }
    if pass.taken > 0
        && let Some((signature, _)) = named
    {
        function.sig = signature;
        function.attrs.push(syn::parse_quote!(
            #[allow(unknown_lints, clippy::needless_lifetimes, clippy::elidable_lifetime_names)]
        ));
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
fn collects(output: Option<&Type>, signature: &syn::Signature) -> syn::Result<()> {
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
fn handler(args: &Args, output: Option<&Type>) -> syn::Result<Option<Handler>> {
    // The group itself has the policy.
    let policy = Policy::default();
    let recover = |answer| Some(Handler { answer, policy });
    Ok(match (args.options.on_panic.then, output) {
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
    let by_tokio = crate::pass::discard::has_name(function.block.to_token_stream(), &word);
    syn::Error::new(
        function.sig.fn_token.span,
        if by_tokio {
            "`#[task_group]` needs an `async fn`: write it above `#[tokio::main]` or `#[tokio::test]`, which make a plain `fn` of one"
        } else {
            "`#[task_group]` needs an `async fn`, which can wait for its tasks; on a plain `fn`, write `async fn`, or use `#[guarded]`, under which its tasks belong to the scope around"
        },
    )
}
