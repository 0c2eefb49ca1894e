//! Parsing of options, shared by the attributes: `name = value`, separated by commas, each at most once.

pub mod duration;
pub mod group;
pub mod guard;
pub mod join;
pub mod main;
pub mod policy;

use std::collections::HashSet;

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::spanned::Spanned;
use syn::{Expr, ExprLit, Ident, Lit, LitStr, Path, Token};

use crate::diagnostics::Diagnostics;
use crate::emit::Duration;
use policy::Policy;

/// The options that every attribute has.
#[derive(Clone, Default)]
pub struct Common {
    /// What tasks are called in reports.
    pub name: Option<LitStr>,
    /// Where rejoin is.
    pub runtime: Option<Path>,
}

impl Common {
    /// Takes an option that every attribute has.
    fn take(&mut self, diag: &mut Diagnostics, option: &Given) {
        match (&*option.name.to_string(), &option.value) {
            ("name", _) => self.name = name(diag, option),
            ("crate", Value::Path(path)) => self.runtime = Some(path.clone()),
            _ => {}
        }
    }
}

/// One `name = value`.
pub struct Given {
    pub name: Ident,
    pub value: Value,
}

impl Given {
    /// The tokens from the name to the value, as far as spans can be joined.
    pub fn span(&self) -> Span {
        self.name.span()
    }
}

/// A value: `crate` has a path, all others an expression.
pub enum Value {
    Expr(Expr),
    Path(Path),
}

impl Value {
    pub fn span(&self) -> Span {
        match self {
            Value::Expr(expr) => expr.span(),
            Value::Path(path) => path.span(),
        }
    }

    /// The value as a string literal, if it is one.
    pub fn string(&self) -> Option<&LitStr> {
        match self {
            Value::Expr(Expr::Lit(ExprLit {
                lit: Lit::Str(string),
                ..
            })) => Some(string),
            Value::Expr(Expr::Group(group)) => match &*group.expr {
                Expr::Lit(ExprLit {
                    lit: Lit::Str(string),
                    ..
                }) => Some(string),
                _ => None,
            },
            _ => None,
        }
    }
}

/// The options of `#[attribute(…)]`, of which it knows `known`: name and an example of a value.
///
/// # Errors
///
/// When the tokens are no list of options.
pub fn parse(
    diag: &mut Diagnostics,
    attribute: &str,
    known: &[(&str, &str)],
    tokens: TokenStream,
) -> syn::Result<Vec<Given>> {
    let given = (|input: ParseStream<'_>| list(diag, input, attribute, known)).parse2(tokens)?;
    let mut names = HashSet::new();
    for option in &given {
        if !names.insert(option.name.to_string()) {
            diag.push(
                option.name.span(),
                format_args!("`{}` is given twice", option.name.unraw()),
            );
        }
    }
    Ok(given)
}

fn list(
    diag: &mut Diagnostics,
    input: ParseStream<'_>,
    attribute: &str,
    known: &[(&str, &str)],
) -> syn::Result<Vec<Given>> {
    let mut given = Vec::new();
    while !input.is_empty() {
        if !input.peek(Ident::peek_any) {
            return Err(input.error(expected(attribute, known)));
        }
        let name = Ident::parse_any(input)?;
        let known_as = known.iter().find(|(known, _)| name == known);
        if known_as.is_none() {
            diag.push(
                name.span(),
                format_args!("unknown option `{name}`; {}", expected(attribute, known)),
            );
        }
        let example = known_as.map_or("…", |(_, example)| *example);
        if known_as.is_none() && input.peek(syn::token::Paren) {
            input.parse::<proc_macro2::TokenTree>()?;
        }
        if known_as.is_none() && input.peek(Token![,]) {
            input.parse::<Token![,]>()?;
            continue;
        }
        if known_as.is_none() && input.is_empty() {
            break;
        }
        if !input.peek(Token![=]) {
            return Err(syn::Error::new(
                name.span(),
                format_args!("`{name}` needs a value: `{name} = {example}`"),
            ));
        }
        input.parse::<Token![=]>()?;
        if input.is_empty() || input.peek(Token![,]) {
            return Err(syn::Error::new(
                name.span(),
                format_args!("`{name}` needs a value: `{name} = {example}`"),
            ));
        }
        let (begin, at) = (input.cursor(), input.span());
        let value = if name == "crate" {
            let path = input.call(Path::parse_mod_style);
            Value::Path(path.map_err(|_| {
                syn::Error::new(at, format_args!("`crate` is a path: `crate = {example}`"))
            })?)
        } else {
            Value::Expr(input.parse().map_err(|error| {
                // What is wrong within the value syn says better.
                if input.cursor() == begin {
                    syn::Error::new(
                        at,
                        format_args!("`{name}` needs a value: `{name} = {example}`"),
                    )
                } else {
                    error
                }
            })?)
        };
        if known_as.is_some() {
            given.push(Given { name, value });
        }
        if !input.is_empty() {
            if !input.peek(Token![,]) {
                return Err(input.error("options stand apart by commas: write `,` before this"));
            }
            input.parse::<Token![,]>()?;
        }
    }
    Ok(given)
}

fn expected(attribute: &str, known: &[(&str, &str)]) -> String {
    let names: Vec<_> = known.iter().map(|(name, _)| format!("`{name}`")).collect();
    format!("`#[{attribute}]` knows {}", names.join(", "))
}

/// One word of several: `on_panic = "unwind"`.
pub fn word<T: Copy>(diag: &mut Diagnostics, option: &Given, words: &[(&str, T)]) -> Option<T> {
    let found = option.value.string().and_then(|string| {
        let string = string.value();
        words.iter().find(|(word, _)| *word == string)
    });
    if found.is_none() {
        let words: Vec<_> = words
            .iter()
            .map(|(word, _)| format!("\"{word}\""))
            .collect();
        diag.push(
            option.value.span(),
            format_args!("`{}` is one of {}", option.name, words.join(", ")),
        );
    }
    found.map(|(_, value)| *value)
}

/// What `on_panic` says.
pub fn on_panic(diag: &mut Diagnostics, option: &Given) -> Option<Policy> {
    let Some(text) = option.value.string() else {
        diag.push(
            option.value.span(),
            format_args!("`on_panic` is a string: {}", policy::KNOWN),
        );
        return None;
    };
    match policy::parse(&text.value()) {
        Ok(policy) => Some(policy),
        Err(reason) => {
            diag.push(text.span(), reason);
            None
        }
    }
}

/// A name for tasks: a string that is not empty.
pub fn name(diag: &mut Diagnostics, option: &Given) -> Option<LitStr> {
    let name = option
        .value
        .string()
        .filter(|name| !name.value().trim().is_empty());
    if name.is_none() {
        diag.push(
            option.value.span(),
            "`name` is a string literal that is not empty, such as `name = \"mailer\"`",
        );
    }
    name.cloned()
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
