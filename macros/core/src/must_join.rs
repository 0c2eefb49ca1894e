//! `#[must_join]`: every handle joined on every path.

use std::collections::HashSet;
use std::rc::Rc;

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::visit_mut::VisitMut;
use syn::{ImplItemFn, Item, LitStr, Path, Token};

use crate::args::{self, Value};
use crate::container::{self, Around, Each, is_container};
use crate::depth;
use crate::diag::{self, Diagnostics};
use crate::function::{self, Unread, may_change};
use crate::guarded::{self, Place, guard_function};
use crate::leak::build::{Shape, Tracked, segments};
use crate::pass::groups::Open;
use crate::pass::imports::Names;
use crate::pass::policy::OnPanic;

use crate::leak::report::{Leak, Options, check};

const OPTIONS: [(&str, &str); 3] = [
    ("tracks(…)", "(start_worker)"),
    ("name", "\"mailer\""),
    ("crate", "my_crate::rejoin"),
];

const TRACKS: &str =
    "`tracks` lists functions that return a handle: `tracks(start_worker, Pool::start)`";

/// The options of `#[must_join]`.
#[derive(Default)]
struct Args {
    tracks: Rc<HashSet<Vec<String>>>,
    name: Option<LitStr>,
    runtime: Option<Path>,
}

impl Args {
    fn parse(tokens: TokenStream) -> syn::Result<Self> {
        let mut diag = Diagnostics::default();
        let mut parsed = Self::default();
        let tokens = parsed.take_tracks(&mut diag, tokens);
        for option in args::parse(&mut diag, "must_join", &OPTIONS, tokens)? {
            match (&*option.name.to_string(), &option.value) {
                ("name", _) => parsed.name = args::name(&mut diag, &option),
                ("crate", Value::Path(path)) => parsed.runtime = Some(path.clone()),
                _ => {}
            }
        }
        diag.barrier()?;
        Ok(parsed)
    }

    /// Takes `tracks(path, …)` out of the options: it is the only one that has no `=`.
    fn take_tracks(&mut self, diag: &mut Diagnostics, tokens: TokenStream) -> TokenStream {
        let mut rest = TokenStream::new();
        let mut tokens = tokens.into_iter().peekable();
        let (mut begins, mut given) = (true, false);
        while let Some(token) = tokens.next() {
            let name = match &token {
                TokenTree::Ident(name) if begins && name == "tracks" => name.span(),
                token => {
                    begins = matches!(token, TokenTree::Punct(punct) if punct.as_char() == ',');
                    rest.extend([token.clone()]);
                    continue;
                }
            };
            if given {
                diag.push(name, "`tracks` is given twice");
            }
            given = true;
            let is_comma =
                |token: &TokenTree| matches!(token, TokenTree::Punct(p) if p.as_char() == ',');
            match tokens.peek().cloned() {
                Some(TokenTree::Group(group)) => {
                    tokens.next();
                    self.add_tracks(diag, name, group.stream());
                }
                _ => diag.push(name, TRACKS),
            }
            // Up to and with the next comma.
            while tokens.next_if(|token| !is_comma(token)).is_some() {}
            tokens.next();
        }
        rest
    }

    fn add_tracks(&mut self, diag: &mut Diagnostics, name: Span, tokens: TokenStream) {
        let parser = Punctuated::<Path, Token![,]>::parse_terminated;
        match parser.parse2(tokens) {
            Ok(paths) if paths.is_empty() => diag.push(
                name,
                "`tracks()` names no function: write `tracks(start_worker)`, or leave it out",
            ),
            Ok(paths) => Rc::make_mut(&mut self.tracks).extend(paths.iter().map(segments)),
            Err(error) => diag.push(error.span(), TRACKS),
        }
    }

    fn options(&self, group: bool, tracked: &Tracked) -> Options {
        let mut tracked = tracked.clone();
        tracked.paths = Rc::clone(&self.tracks);
        Options { group, tracked }
    }
}

/// Expands `#[must_join(args)] item`.
pub fn expand(args: TokenStream, item: TokenStream) -> TokenStream {
    let expanded = try_expand(args, item.clone());
    diag::finish(item, expanded)
}

fn try_expand(args: TokenStream, item: TokenStream) -> syn::Result<TokenStream> {
    depth::check("must_join", &args)?;
    let args = Args::parse(args)?;
    if let Err(error) = depth::check("must_join", &item) {
        return if args.tracks.is_empty() && !may_change(&item) {
            Ok(item)
        } else {
            Err(error)
        };
    }
    if args.tracks.is_empty()
        && let Some(Unread(signature)) = Unread::of(&item)
        && Shape::returned(&signature).is_none()
    {
        let mut diag = Diagnostics::default();
        function::check(&mut diag, "must_join", &signature);
        diag.barrier()?;
        return Ok(item);
    }
    let mut open = Open::default();
    let mut pass = MustJoin {
        args: &args,
        conditional: TokenStream::new(),
    };
    if is_container(&item) {
        let mut container = container::parse("must_join", item.clone())?;
        container.visit(&mut open);
        let changed = container.expand(&mut pass)?;
        let conditional = pass.conditional;
        return Ok(if changed || open.0 {
            quote!(#container #conditional)
        } else {
            quote!(#item #conditional)
        });
    }
    let mut function = function::parse(item.clone(), container::not_here("must_join"))?;
    open.visit_impl_item_fn_mut(&mut function);
    let mut diag = Diagnostics::default();
    function::check(&mut diag, "must_join", &function.sig);
    diag.barrier()?;
    let mut names = pass.names(&[]);
    let around = Around {
        owner: None,
        of_trait: false,
        lift: false,
        tracked: &Tracked::default(),
    };
    let changed = pass.function(&mut names, &around, &mut function)?;
    let conditional = pass.conditional;
    Ok(if changed || open.0 {
        quote!(#function #conditional)
    } else {
        quote!(#item #conditional)
    })
}

/// What is done with each function.
struct MustJoin<'a> {
    args: &'a Args,
    /// Errors that exist only where what they are about does.
    conditional: TokenStream,
}

impl Each for MustJoin<'_> {
    fn passes_by(&self) -> &'static [&'static str] {
        &["must_join"]
    }

    fn names(&self, items: &[Item]) -> Names {
        Names::new(self.args.runtime.as_ref(), items)
    }

    fn function(
        &mut self,
        names: &mut Names,
        around: &Around<'_>,
        function: &mut ImplItemFn,
    ) -> syn::Result<bool> {
        let group = function::position_of(&function.attrs, &["task_group"]).is_some();
        let options = self.args.options(group, around.tracked);
        let mut diag = Diagnostics::default();
        let mut exits = HashSet::new();
        for mut leak in check(function, names, &options) {
            // Several handles in one variable are lost at one exit, which says so once.
            let at = format!("{:?} {:?}", leak.exit, leak.exit_message);
            if leak.cfgs.is_empty() && !exits.insert(at) {
                leak.exit_message = None;
            }
            let error = error(&leak);
            if leak.cfgs.is_empty() {
                diag.add(error);
            } else {
                let cfgs = &leak.cfgs;
                for error in error {
                    let error = error.into_compile_error();
                    self.conditional.extend(quote!(#(#cfgs)* #error));
                }
            }
        }
        diag.barrier()?;
        let marked = mark(function, around.of_trait);
        if group {
            // The group has the spawns.
            return Ok(marked);
        }
        let guard = guarded::Args::unwinding(self.args.name.clone(), self.args.runtime.clone());
        let place = Place {
            owner: around.owner,
            bare: OnPanic::Unwind,
            lift: false,
        };
        let changed = guard_function(&guard, names, &place, function)?;
        Ok(changed || marked)
    }
}

/// The error at the spawn, and with it the one at the exit.
fn error(leak: &Leak) -> syn::Error {
    let tokens = [leak.spawn, leak.spawn_end].map(|span| Ident::new("spawn", span));
    let mut error = syn::Error::new_spanned(quote!(#(#tokens)*), &leak.message);
    if let (Some(exit), Some(message)) = (leak.exit, &leak.exit_message) {
        error.combine(syn::Error::new(exit, message));
    }
    error
}

/// A function that returns handles says that they must be used; whether it does so now and did not before.
///
/// A `Result` says so already, and what a trait declares is the trait's.
fn mark(function: &mut ImplItemFn, of_trait: bool) -> bool {
    let marked = |attr: &syn::Attribute| attr.path().is_ident("must_use");
    if of_trait || function.attrs.iter().any(marked) {
        return false;
    }
    let syn::ReturnType::Type(_, ty) = &function.sig.output else {
        return false;
    };
    let is_result = ty
        .to_token_stream()
        .into_iter()
        .any(|token| matches!(token, TokenTree::Ident(name) if name == "Result"));
    let reason = match Shape::of(ty) {
        Some(_) if is_result => return false,
        None => return false,
        Some(Shape::Handle) => "the task is joined through this handle",
        Some(_) => "the tasks are joined through these handles",
    };
    let span = crate::emit::located(function.sig.ident.span());
    function
        .attrs
        .push(syn::parse_quote_spanned!(span=> #[must_use = #reason]));
    true
}
