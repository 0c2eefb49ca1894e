//! From an item under an attribute to what it becomes: input, stack, item, scan, leaks, emission, in this order.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::ImplItemFn;
use syn::visit_mut::VisitMut;

use crate::diagnostics::Diagnostics;
use crate::emit::sites::{ErrorSink, Spawns};
use crate::emit::{self, Name, Runtime};
use crate::input::Open;
use crate::input::depth;
use crate::item::{self, Unread, may_change};
use crate::leak::build::{Shape as Handles, Tracked};
use crate::leak::report::{check, escapes};
use crate::options::guard::GuardOptions;
use crate::options::policy::OnPanic;
use crate::scan::{self, Around, Resolver, Sites};
use crate::stack::{Kind, Stack, has};

mod container;
mod group;
mod guard;
mod join;
mod service;

/// Expands `#[attribute(args)] item`.
///
/// On an error the item is emitted with it, without the attributes of rejoin that stood on it, so that editors and the
/// rest of the build go on and nothing is told twice.
pub fn expand(kind: Kind, args: TokenStream, item: TokenStream) -> TokenStream {
    match try_expand(kind, args, item.clone()) {
        Ok(tokens) => tokens,
        Err(Fault { error, item: left }) => {
            let mut tokens = left.unwrap_or(item);
            tokens.extend(error.into_compile_error());
            tokens
        }
    }
}

/// Refuses `#[rejoin::main]`: this build of the runtime crate has nothing that a service would run on.
pub fn without_feature(item: TokenStream) -> TokenStream {
    let error = syn::Error::new(
        proc_macro2::Span::call_site(),
        "`#[rejoin::main]` needs the feature `main` of `rejoin`: write `features = [\"main\"]` behind it in Cargo.toml",
    );
    let mut tokens = match item::parse(item.clone(), not_here(Kind::Main)) {
        Ok(function) => service::unfinished(function),
        Err(_) => item,
    };
    tokens.extend(error.into_compile_error());
    tokens
}

/// An error, and the item as it is emitted beside it, where that is not the item as written.
struct Fault {
    error: syn::Error,
    item: Option<TokenStream>,
}

impl From<syn::Error> for Fault {
    fn from(error: syn::Error) -> Self {
        Self { error, item: None }
    }
}

fn try_expand(kind: Kind, args: TokenStream, item: TokenStream) -> Result<TokenStream, Fault> {
    let attribute = kind.name();
    depth::check(attribute, &args)?;
    if let Err(error) = depth::check(attribute, &item) {
        // Where nothing could be rewritten, there is nothing to read.
        return if leaves_alone(kind, args, &item)? {
            Ok(item)
        } else {
            Err(error.into())
        };
    }
    if leaves_alone(kind, args.clone(), &item)?
        && let Some(Unread(signature)) = Unread::of(&item)
        && Handles::returned(&signature).is_none()
    {
        let mut diag = Diagnostics::default();
        item::check(&mut diag, attribute, &signature);
        diag.barrier()?;
        return Ok(item);
    }
    if matches!(kind, Kind::Guarded | Kind::MustJoin) && container::is_container(&item) {
        return container::expand(kind, args, item).map_err(Fault::from);
    }
    let mut function = item::parse(item.clone(), not_here(kind))?;
    let is_main = kind == Kind::Main || has(&function.attrs, &[Kind::Main]);
    let below = function.attrs.len();
    let stack = Stack::take(kind, args, &mut function.attrs);
    let alone = function.attrs.len() == below;
    let written = function.clone();
    let fault = |error: syn::Error| {
        // rustc refuses an `async fn main`, which would be a second error.
        let item = if is_main {
            Some(service::unfinished(written.clone()))
        } else {
            (!alone).then(|| written.to_token_stream())
        };
        Fault { error, item }
    };
    let stack = stack.map_err(&fault)?;
    let mut open = Open::default();
    open.visit_impl_item_fn_mut(&mut function);
    let around = Around::of(&function.sig.ident);
    let mut resolver = Resolver::new(stack.runtime(), around);
    let mut context = Context {
        resolver: &mut resolver,
        owner: None,
        of_trait: false,
        tracked: &Tracked::default(),
        bare: OnPanic::Recover,
        lift: stack.main.is_none(),
        conditional: TokenStream::new(),
    };
    let changed = expand_function(&stack, &mut context, &mut function).map_err(&fault)?;
    let conditional = context.conditional;
    Ok(if changed || open.0 || !alone {
        quote!(#function #conditional)
    } else {
        // What the parser does not keep, the tokens do.
        quote!(#item #conditional)
    })
}

/// Whether the attribute only rewrites spawns, and the item has nothing that could be one.
fn leaves_alone(kind: Kind, args: TokenStream, item: &TokenStream) -> syn::Result<bool> {
    let only_rewrites = match kind {
        Kind::Guarded => GuardOptions::parse(args)?.only_rewrites(OnPanic::Recover),
        Kind::MustJoin => crate::options::join::JoinOptions::parse(args)?
            .tracks
            .is_empty(),
        Kind::TaskGroup | Kind::Main => false,
    };
    Ok(only_rewrites && !may_change(item))
}

/// Where an attribute goes.
fn not_here(kind: Kind) -> String {
    match kind {
        Kind::Guarded | Kind::MustJoin => container::not_here(kind.name()),
        Kind::TaskGroup => "`#[task_group]` goes on an `async fn`".to_owned(),
        Kind::Main => "`#[rejoin::main]` goes on the program's `async fn main`".to_owned(),
    }
}

/// What stands around a function.
pub struct Context<'a> {
    pub resolver: &'a mut Resolver,
    /// The type or the trait whose method it is, where that is seen.
    pub owner: Option<&'a str>,
    /// Whether a trait says how the function is declared.
    pub of_trait: bool,
    /// The functions beside that return handles.
    pub tracked: &'a Tracked,
    /// What `#[guarded]` without options means there.
    pub bare: OnPanic,
    /// Whether nothing around it reads its form.
    pub lift: bool,
    /// Errors that exist only where what they are about does.
    pub conditional: TokenStream,
}

/// Expands all attributes of one function; whether that changes it.
///
/// # Errors
///
/// Where the function cannot have what is asked for, or loses a task.
pub fn expand_function(
    stack: &Stack,
    context: &mut Context<'_>,
    function: &mut ImplItemFn,
) -> syn::Result<bool> {
    let mut diag = Diagnostics::default();
    item::check(&mut diag, stack.first().name(), &function.sig);
    check_test(&mut diag, stack, context.bare, function);
    if stack.main.is_some() {
        service::check(&mut diag, function);
    }
    diag.barrier()?;
    let unawaited = emit::unawaited(function);
    let mut changed = false;
    // A group of its own has the spawns.
    let own_group = has(&function.attrs, &[Kind::TaskGroup]);
    let mut scanned = function.clone();
    let limit = stack
        .group
        .as_ref()
        .is_some_and(|group| group.options.limit.is_some());
    let sites = scan::scan(&mut scanned, context.resolver, limit);
    if let Some(join) = &stack.join {
        let options = join.analysis(stack.group.is_some() || own_group, context.tracked);
        let leaks = check(&scanned, &sites, context.resolver, &options);
        join::refuse(context, leaks)?;
    }
    if stack.group.is_some() {
        let escapes = escapes(&scanned, &sites, context.resolver, context.tracked);
        group::refuse(context, escapes)?;
    }
    if !own_group {
        function.block = scanned.block;
    }
    if stack.join.is_some() {
        changed |= join::mark(function, context.of_trait);
    }
    let outer = stack.main.is_some()
        || stack
            .guard
            .as_ref()
            .is_some_and(|guard| !guard.only_rewrites(context.bare));
    changed |= match &stack.group {
        Some(group) => {
            group::expand(group, context, &sites, !outer, function)?;
            true
        }
        None if own_group => false,
        None => rewrite(stack, context, &sites, function),
    };
    if let Some(guard) = &stack.guard {
        changed |= guard::wrap(guard, context, function)?;
    }
    if outer || stack.group.is_some() {
        emit::begin_with(&mut function.block, unawaited);
    }
    if let Some(main) = &stack.main {
        service::expand(main, function);
        changed = true;
    }
    Ok(changed)
}

/// A recovered test would turn green.
fn check_test(diag: &mut Diagnostics, stack: &Stack, bare: OnPanic, function: &ImplItemFn) {
    if let Some(guard) = &stack.guard
        && guard.then(bare) == OnPanic::Recover
        && function.attrs.iter().any(item::is_test)
    {
        diag.push(
            function.sig.ident.span(),
            "a test that recovers from its panics would turn green: write `#[guarded(on_panic = \"unwind\")]`, or leave the test alone",
        );
    }
}

/// The name of the tasks of a function.
fn name_of(given: Option<&syn::LitStr>, context: &Context<'_>, function: &ImplItemFn) -> Name {
    given.cloned().map_or_else(
        || {
            let ident = &function.sig.ident;
            Name::Function(match context.owner {
                Some(owner) => format!("{owner}::{ident}"),
                None => ident.to_string(),
            })
        },
        Name::Given,
    )
}

/// Rewrites the spawns of a function that is no group: their errors are reported.
fn rewrite(stack: &Stack, context: &Context<'_>, sites: &Sites, function: &mut ImplItemFn) -> bool {
    let common = [
        stack.join.as_ref().map(|options| &options.common),
        stack.guard.as_ref().map(|options| &options.common),
        stack.main.as_ref().map(|options| &options.common),
    ];
    let Some(common) = common.into_iter().flatten().next() else {
        return false;
    };
    if sites.is_empty() {
        return false;
    }
    let given = common
        .name
        .clone()
        .or_else(|| stack.guard.as_ref()?.common.name.clone());
    let spawns = Spawns {
        runtime: &Runtime::new(common.runtime.clone()),
        name: &name_of(given.as_ref(), context, function),
        sites,
        sink: ErrorSink::Reported,
    };
    spawns.replace_body(&mut function.block);
    true
}
