//! `#[guarded]`: handlers and workers.

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::visit_mut::VisitMut;
use syn::{Expr, ImplItemFn, Item, LitStr, Path, ReturnType, Type};

use crate::args::{self, Value};
use crate::container::{self, Around, Each, is_container};
use crate::depth;
use crate::diag::{self, Diagnostics};
use crate::emit::{self, Answer, Bodies, Edge, Handler, Name, Runtime, Spawns, Taker};
use crate::function::{self, Unread, may_change};
use crate::pass::groups::Open;
use crate::pass::imports::Names;
use crate::pass::lift;
use crate::pass::params::{Params, borrowed_by_both};
use crate::pass::policy::{OnPanic, Policy};
use crate::pass::signature::{Shape, boxed_argument, is_into_response};
use crate::pass::spawn::{Rewrite, Waits};

const OPTIONS: [(&str, &str); 4] = [
    ("on_panic", "\"unwind\""),
    ("or", "value"),
    ("name", "\"mailer\""),
    ("crate", "my_crate::rejoin"),
];

/// The options of `#[guarded]`.
#[derive(Default)]
pub struct Args {
    on_panic: Policy,
    or: Option<Expr>,
    name: Option<LitStr>,
    runtime: Option<Path>,
}

impl Args {
    fn parse(tokens: TokenStream) -> syn::Result<Self> {
        let mut diag = Diagnostics::default();
        let mut parsed = Self::default();
        let mut or = None;
        for option in args::parse(&mut diag, "guarded", &OPTIONS, tokens)? {
            let at = option.span();
            match (&*option.name.to_string(), &option.value) {
                ("on_panic", value) => {
                    parsed.on_panic = args::on_panic(&mut diag, &option).unwrap_or_default();
                    if parsed.on_panic.unjoined.is_some() {
                        diag.push(
                            value.span(),
                            "`abort if unjoined` is for groups, which are joined: write it at a `#[task_group]`",
                        );
                    }
                }
                ("or", Value::Expr(value)) => {
                    parsed.or = Some(value.clone());
                    or = Some(at);
                }
                ("name", _) => parsed.name = args::name(&mut diag, &option),
                ("crate", Value::Path(path)) => parsed.runtime = Some(path.clone()),
                _ => {}
            }
        }
        if let (Some(OnPanic::Unwind), Some(or)) = (parsed.on_panic.then, or) {
            diag.push(
                or,
                "`or` is what a recovered panic becomes: leave out `on_panic`, or leave out `or`",
            );
        }
        diag.barrier()?;
        Ok(parsed)
    }

    /// Those under which only the spawns are rewritten.
    pub fn unwinding(name: Option<LitStr>, runtime: Option<Path>) -> Self {
        Self {
            on_panic: Policy {
                then: Some(OnPanic::Unwind),
                ..Policy::default()
            },
            or: None,
            name,
            runtime,
        }
    }

    fn runtime(&self) -> Runtime {
        Runtime::new(self.runtime.clone())
    }
}

/// Expands `#[guarded(args)] item`.
pub fn expand(args: TokenStream, item: TokenStream) -> TokenStream {
    let expanded = try_expand(args, item.clone());
    diag::finish(item, expanded)
}

fn try_expand(args: TokenStream, item: TokenStream) -> syn::Result<TokenStream> {
    depth::check("guarded", &args)?;
    let parsed = Args::parse(args.clone())?;
    let unwinds = is_bare(&parsed, OnPanic::Recover);
    if let Err(error) = depth::check("guarded", &item) {
        return if unwinds && !may_change(&item) {
            Ok(item)
        } else {
            Err(error)
        };
    }
    if unwinds && let Some(Unread(signature)) = Unread::of(&item) {
        let mut diag = Diagnostics::default();
        function::check(&mut diag, "guarded", &signature);
        diag.barrier()?;
        return Ok(item);
    }
    if is_container(&item) {
        let mut container = container::parse("guarded", item.clone())?;
        if let Some(at) = function::position_of(container.attrs_mut(), &["must_join"]) {
            // The analysis reads what the user wrote, so it comes first.
            if is_bare(&parsed, OnPanic::Unwind) {
                return Ok(item);
            }
            let deferred = emit::deferred(&parsed.runtime(), "guarded", &args, Span::call_site());
            container.attrs_mut().insert(at + 1, deferred);
            return Ok(container.into_token_stream());
        }
        let mut open = Open::default();
        container.visit(&mut open);
        let replaced = container.expand(&mut Guard(&parsed))?;
        return Ok(if replaced || open.0 {
            container.into_token_stream()
        } else {
            item
        });
    }
    let mut function = function::parse(item.clone(), container::not_here("guarded"))?;
    let mut open = Open::default();
    open.visit_impl_item_fn_mut(&mut function);
    let mut diag = Diagnostics::default();
    function::check(&mut diag, "guarded", &function.sig);
    check_test(&mut diag, &parsed, &function);
    diag.barrier()?;
    if let Some(at) = function::position_of(&function.attrs, &["task_group", "must_join"]) {
        // The stronger attribute has the spawns and comes first; the guard stands outside of what it makes.
        if is_bare(&parsed, OnPanic::Recover) {
            return Ok(item);
        }
        let span = function.sig.ident.span();
        let deferred = emit::deferred(&parsed.runtime(), "guarded", &args, span);
        function.attrs.insert(at + 1, deferred);
        return Ok(function.into_token_stream());
    }
    let mut names = Names::new(parsed.runtime.as_ref(), []);
    let place = Place {
        owner: None,
        bare: OnPanic::Recover,
        lift: true,
    };
    let changed = guard_function(&parsed, &mut names, &place, &mut function)?;
    Ok(if changed || open.0 {
        function.into_token_stream()
    } else {
        item
    })
}

/// Where a function stands.
pub struct Place<'a> {
    /// The type or the trait whose method it is, where that is seen.
    pub owner: Option<&'a str>,
    /// What the attribute without options means there.
    pub bare: OnPanic,
    /// Whether nothing around it reads its form.
    pub lift: bool,
}

/// A recovered test would turn green.
fn check_test(diag: &mut Diagnostics, args: &Args, function: &ImplItemFn) {
    if on_panic(args, OnPanic::Recover) == OnPanic::Recover
        && function.attrs.iter().any(function::is_test)
    {
        diag.push(
            function.sig.ident.span(),
            "a test that recovers from its panics would turn green: write `#[guarded(on_panic = \"unwind\")]`, or leave the test alone",
        );
    }
}

fn on_panic(args: &Args, bare: OnPanic) -> OnPanic {
    match (args.on_panic.then, &args.or) {
        (Some(given), _) => given,
        (None, Some(_)) => OnPanic::Recover,
        (None, None) => bare,
    }
}

/// Whether nothing stands around the function: only its spawns are rewritten.
fn is_bare(args: &Args, bare: OnPanic) -> bool {
    on_panic(args, bare) == OnPanic::Unwind && !args.on_panic.has_consequences()
}

/// What is done with the functions of a container.
struct Guard<'a>(&'a Args);

impl Each for Guard<'_> {
    fn passes_by(&self) -> &'static [&'static str] {
        &["guarded", "task_group", "must_join"]
    }

    fn names(&self, items: &[Item]) -> Names {
        Names::new(self.0.runtime.as_ref(), items)
    }

    fn function(
        &mut self,
        names: &mut Names,
        around: &Around<'_>,
        function: &mut ImplItemFn,
    ) -> syn::Result<bool> {
        let place = Place {
            owner: around.owner,
            bare: OnPanic::Unwind,
            lift: around.lift,
        };
        guard_function(self.0, names, &place, function)
    }
}

/// Rewrites one function; whether anything changed.
///
/// # Errors
///
/// Where the function cannot have what is asked for.
pub fn guard_function(
    args: &Args,
    names: &mut Names,
    place: &Place<'_>,
    function: &mut ImplItemFn,
) -> syn::Result<bool> {
    let unawaited = emit::unawaited(function);
    let runtime = args.runtime();
    let name = args.name.clone().map_or_else(
        || {
            let ident = &function.sig.ident;
            Name::Function(match place.owner {
                Some(owner) => format!("{owner}::{ident}"),
                None => ident.to_string(),
            })
        },
        Name::Given,
    );
    let mut replaced = 0;
    if !is_expanded(function) {
        let spawns = Spawns {
            runtime: runtime.clone(),
            name: name.clone(),
            taker: Taker::Reported,
            limit: false,
        };
        names.enter_function(&function.sig, &function.block);
        let mut pass = Rewrite::new(names, &spawns, Waits::Never);
        pass.block(&mut function.block, false);
        replaced = pass.replaced;
    }
    let on_panic = on_panic(args, place.bare);
    if is_bare(args, place.bare) {
        return Ok(replaced > 0);
    }
    let bodies = Bodies {
        runtime: &runtime,
        name: &name,
        ident: function.sig.ident.span(),
    };
    let or = args.or.as_ref().map(ToTokens::to_token_stream);
    if let Some(or) = &or {
        check_or(or, function)?;
    }
    if place.lift && lift::is_invisible(function, or.as_ref()) {
        wrap_lifted(args, &bodies, on_panic, function)?;
    } else {
        wrap(args, &bodies, on_panic, or.as_ref(), function)?;
    }
    emit::begin_with(&mut function.block, unawaited);
    Ok(true)
}

/// The value after a panic is made when the body has ended, and that has taken what it names of the parameters.
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
    args: &Args,
    bodies: &Bodies<'_>,
    on_panic: OnPanic,
    function: &mut ImplItemFn,
) -> syn::Result<()> {
    let value = match &function.sig.output {
        ReturnType::Default => syn::parse_quote_spanned!(bodies.ident=> ()),
        ReturnType::Type(_, ty) => (**ty).clone(),
    };
    let handler = handler(args, on_panic, &value)?;
    let params = Params::take(function, None);
    let edge = Edge::of(&function.sig.output);
    function.block = bodies.guarded_lifted(&function.block, &edge, &params, &handler);
    emit::lift(&mut function.sig);
    Ok(())
}

/// Whether `#[task_group]` has been here.
pub fn is_expanded(function: &ImplItemFn) -> bool {
    let marker = syn::Ident::new("__REJOIN_GROUP", Span::call_site());
    crate::pass::discard::has_name(function.block.to_token_stream(), &marker)
}

fn wrap(
    args: &Args,
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
    let handler = handler(args, on_panic, &value)?;
    let params = match shape {
        // Its parameters are in the block already, or in the box.
        Shape::Boxed { .. } => Params::none(),
        _ => Params::take(function, or),
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
                let span = emit::located(literal.block.brace_token.span.open());
                let future = bodies.future(&literal.block, &Edge::Type(output), &Params::none());
                *argument = Expr::Verbatim(bodies.guard(future, &handler, span));
            }
            body
        }
    };
    Ok(())
}

/// What takes a panic of a function with this value.
fn handler(args: &Args, on_panic: OnPanic, value: &Type) -> syn::Result<Handler> {
    let policy = args.on_panic;
    let response = is_into_response(value);
    let answer = |answer| Ok(Handler { answer, policy });
    if on_panic == OnPanic::Unwind {
        return answer(Answer::Resume);
    }
    if let Some(or) = &args.or {
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
