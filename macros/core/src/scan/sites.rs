//! The spawns of a body, taken apart, and the markers that stand in their places.
//!
//! [`scan`](super::scan) replaces each spawn by the macro `__rejoin_site!(N)`, where N is its index in [`Sites`]. A marker is
//! an expression like any other, also among the tokens of a macro's input, so the leak analysis and the emission find the
//! spawn again without deciding a second time what it is.

use proc_macro2::{Ident, Literal, Span, TokenStream, TokenTree};
use quote::quote_spanned;
use syn::spanned::Spanned;
use syn::{AngleBracketedGenericArguments, Attribute, Expr, ExprMethodCall, Macro, Path, Stmt};

const MARKER: &str = "__rejoin_site";
const PLACE: &str = "__rejoin_place";
const PROBE: &str = "__rejoin_probe";

/// What a spawn starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Task,
    Local,
    Blocking,
    Thread,
}

impl Kind {
    /// Whether it runs a closure, and not a future.
    pub fn is_call(self) -> bool {
        matches!(self, Self::Blocking | Self::Thread)
    }
}

/// How a spawn is written.
#[derive(Clone, Debug)]
pub enum Callee {
    /// `path(argument)` or `Handle::current().spawn(argument)`: it is certain what it is.
    Path {
        /// The callee without generic arguments, where a `use` may have brought it in.
        imported: Option<Path>,
        generics: Option<AngleBracketedGenericArguments>,
    },
    /// `receiver.method(argument)`: the receiver's type decides. The argument is taken out of the call.
    Method(Box<ExprMethodCall>),
}

/// Who can observe the value of a spawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disposition {
    /// Its value is used.
    Held,
    /// Nothing can observe its value.
    Discarded {
        /// Whether an expression of type `()` can stand in its place.
        unit: bool,
    },
}

/// A spawn.
#[derive(Clone, Debug)]
pub struct Site {
    pub kind: Kind,
    pub callee: Callee,
    /// Its attributes, until its marker has them.
    pub(super) attrs: Vec<Attribute>,
    pub argument: Expr,
    /// The first and the last token of the callee.
    pub span: (Span, Span),
    pub disposition: Disposition,
    /// The `_name` that it is bound to, where nothing mentions that.
    pub unused: Option<String>,
    /// The argument is a literal without an output.
    pub plain: bool,
    /// It is certain that the value is a handle: of a path, or of a receiver whose type the syntax shows.
    pub is_handle: bool,
    /// It stands in a closure or an async block that is not `move`, or in the input of a macro, where either may be hidden.
    pub captured: bool,
    /// The conditions under which it exists.
    pub cfgs: Vec<Attribute>,
}

impl Site {
    pub fn is_discarded(&self) -> bool {
        matches!(self.disposition, Disposition::Discarded { .. })
    }
}

/// The spawns of a body, in the order of their texts.
#[derive(Clone, Debug, Default)]
pub struct Sites(Vec<Site>);

impl Sites {
    pub fn iter(&self) -> impl Iterator<Item = (usize, &Site)> {
        self.0.iter().enumerate()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The spawn that a marker stands for.
    pub fn of(&self, expr: &Expr) -> Option<(usize, &Site)> {
        let Expr::Macro(expr) = expr else { return None };
        self.of_macro(&expr.mac)
    }

    /// As [`of`](Self::of).
    pub fn of_macro(&self, mac: &Macro) -> Option<(usize, &Site)> {
        let index = index_of(mac)?;
        Some((index, self.0.get(index)?))
    }

    /// Tokens with the spawns in the places of their markers, as far as they mention anything.
    pub fn unmarked(&self, tokens: TokenStream) -> TokenStream {
        if self.is_empty() || !has_marker(&tokens) {
            return tokens;
        }
        replace_markers(tokens, &mut |found| match found {
            Marker::Site(index) => self.get(index).map_or_else(TokenStream::new, |site| {
                let argument = &site.argument;
                let call = match &site.callee {
                    Callee::Method(call) => Some(call),
                    Callee::Path { .. } => None,
                };
                self.unmarked(quote::quote!((#call, #argument)))
            }),
            Marker::Probe(_) | Marker::Place(_) => TokenStream::new(),
        })
    }

    /// Reserves the index of a site whose argument is yet to be read, and which comes before the spawns in it.
    pub(super) fn reserve(&mut self, site: Site) -> usize {
        self.0.push(site);
        self.0.len() - 1
    }

    pub fn get(&self, index: usize) -> Option<&Site> {
        self.0.get(index)
    }

    pub(super) fn get_mut(&mut self, index: usize) -> &mut Site {
        &mut self.0[index]
    }
}

fn index_of(mac: &Macro) -> Option<usize> {
    if mac.path.is_ident(MARKER) {
        index_in(mac)
    } else {
        None
    }
}

fn index_in(mac: &Macro) -> Option<usize> {
    syn::parse2::<syn::LitInt>(mac.tokens.clone())
        .ok()?
        .base10_parse()
        .ok()
}

/// The marker of a site.
pub fn marker(index: usize, span: Span) -> Expr {
    let name = Ident::new(MARKER, span);
    let mut index = Literal::usize_unsuffixed(index);
    index.set_span(span);
    Expr::Macro(syn::ExprMacro {
        attrs: Vec::new(),
        mac: Macro {
            path: name.into(),
            bang_token: syn::Token![!](span),
            delimiter: syn::MacroDelimiter::Paren(syn::token::Paren(span)),
            tokens: TokenStream::from(TokenTree::Literal(index)),
        },
    })
}

/// The marker of the place where a body with a limit waits before it spawns.
pub(super) fn place(cfgs: &[Attribute], span: Span) -> Stmt {
    let name = Ident::new(PLACE, span);
    let mac: Macro = syn::parse_quote_spanned!(span=> #name!());
    Stmt::Macro(syn::StmtMacro {
        attrs: cfgs.to_vec(),
        mac,
        semi_token: Some(syn::Token![;](span)),
    })
}

/// The marker of the place where the question about the receiver of a site is declared: in the body that has the site, so
/// that no closure captures it.
pub(super) fn probe(index: usize, span: Span) -> Stmt {
    let name = Ident::new(PROBE, span);
    let index = Literal::usize_unsuffixed(index);
    let mac: Macro = syn::parse_quote_spanned!(span=> #name!(#index));
    Stmt::Macro(syn::StmtMacro {
        attrs: Vec::new(),
        mac,
        semi_token: Some(syn::Token![;](span)),
    })
}

/// The site whose question is declared by a statement.
pub fn probe_of(stmt: &Stmt) -> Option<usize> {
    match stmt {
        Stmt::Macro(stmt) if stmt.mac.path.is_ident(PROBE) => index_in(&stmt.mac),
        _ => None,
    }
}

/// Whether a statement is the marker of such a place.
pub fn is_place(stmt: &Stmt) -> bool {
    matches!(stmt, Stmt::Macro(stmt) if stmt.mac.path.is_ident(PLACE))
}

/// A marker among tokens.
#[derive(Clone, Copy, Debug)]
pub enum Marker {
    Site(usize),
    Probe(usize),
    Place(Span),
}

/// Replaces the markers among tokens.
pub fn replace_markers(
    tokens: TokenStream,
    replacement: &mut dyn FnMut(Marker) -> TokenStream,
) -> TokenStream {
    let mut tokens = tokens.into_iter().peekable();
    let mut done = TokenStream::new();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Ident(name)
                if [MARKER, PROBE, PLACE].iter().any(|marker| name == marker) =>
            {
                // `!` and the index.
                tokens.next();
                let index = match tokens.next() {
                    Some(TokenTree::Group(group)) => group.stream().to_string().parse().ok(),
                    _ => None,
                };
                let marker = match index {
                    Some(index) if name == MARKER => Marker::Site(index),
                    Some(index) => Marker::Probe(index),
                    None => Marker::Place(name.span()),
                };
                if !matches!(marker, Marker::Site(_)) {
                    // The semicolon is a part of the replacement.
                    tokens.next();
                }
                done.extend(replacement(marker));
            }
            TokenTree::Group(group) if has_marker(&group.stream()) => {
                let inner = replace_markers(group.stream(), replacement);
                let mut replaced = proc_macro2::Group::new(group.delimiter(), inner);
                replaced.set_span(group.span());
                done.extend([TokenTree::Group(replaced)]);
            }
            token => done.extend([token]),
        }
    }
    done
}

/// Whether tokens hold a marker.
pub fn has_marker(tokens: &TokenStream) -> bool {
    tokens.clone().into_iter().any(|token| match token {
        TokenTree::Ident(name) => [MARKER, PROBE, PLACE].iter().any(|marker| name == marker),
        TokenTree::Group(group) => has_marker(&group.stream()),
        _ => false,
    })
}

/// The first and the last token of syntax.
pub(super) fn ends(tokens: &impl quote::ToTokens) -> (Span, Span) {
    let mut tokens = tokens.to_token_stream().into_iter();
    let first = tokens
        .next()
        .map_or_else(Span::call_site, |token| match token {
            TokenTree::Group(group) => group.span_open(),
            token => token.span(),
        });
    let last = tokens.last().map_or(first, |token| match token {
        TokenTree::Group(group) => group.span_close(),
        token => token.span(),
    });
    (first, last)
}

/// `()`, as what is left where a spawn was taken out.
pub(super) fn nothing() -> Expr {
    let span = Span::call_site();
    Expr::Verbatim(quote_spanned!(span=> ()))
}

/// The span of an expression's first token.
pub(super) fn begin(expr: &Expr) -> Span {
    expr.span()
}
