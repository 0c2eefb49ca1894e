//! The function that an attribute stands on, validated.

pub mod desugar;
pub mod params;
pub mod signature;

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, ImplItemFn, Item, Signature, Token, Visibility};

use crate::diagnostics::Diagnostics;
use crate::input;

/// What stands under an attribute.
pub enum Under {
    /// A function with a body: free, or a method of an impl or of a trait.
    ///
    /// It is changed in place and printed again, so that nothing that the attribute does not know is lost.
    Function(Box<ImplItemFn>),
    /// An item that does not even begin like a function, at this place.
    Other(Span),
}

impl Parse for Under {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let ahead = input.fork();
        ahead.call(Attribute::parse_outer)?;
        ahead.parse::<Visibility>()?;
        let begins_function = ahead.peek(Token![fn])
            || ahead.peek(Token![async])
            || ahead.peek(Token![const])
            || ahead.peek(Token![unsafe])
            || ahead.peek(Token![extern])
            || ahead.peek(Token![default])
            || ahead.peek(syn::Ident);
        let begin = ahead.span();
        let other = || {
            input.parse::<TokenStream>()?;
            Ok(Self::Other(begin))
        };
        if !begins_function {
            return other();
        }
        if ahead.parse::<Signature>().is_err() {
            // `const C: u8 = 1;`, `extern { … }` and `union U { … }` begin like one.
            let item = input.fork().parse::<Item>();
            if item.is_ok_and(|item| !matches!(item, Item::Fn(_) | Item::Verbatim(_))) {
                return other();
            }
        } else if ahead.peek(Token![;]) {
            return Err(ahead.error(
                "a function without a body starts nothing: put the attribute on the functions that implement it",
            ));
        }
        input.parse().map(Box::new).map(Self::Function)
    }
}

/// The function under an attribute, or the error that says where that goes.
///
/// # Errors
///
/// Where there is no function with a body.
pub fn parse(item: TokenStream, goes_on: impl std::fmt::Display) -> syn::Result<ImplItemFn> {
    match syn::parse2(input::statements(item))? {
        Under::Function(function) => Ok(*function),
        Under::Other(at) => Err(syn::Error::new(at, goes_on)),
    }
}

/// The signature of a function whose body need not be read, because nothing in it could be rewritten.
///
/// An attribute that only rewrites spawns may stand on every function of a crate, and most of them have none.
pub struct Unread(pub Signature);

impl Unread {
    pub fn of(item: &TokenStream) -> Option<Self> {
        if may_change(item) {
            return None;
        }
        // What is no function with a body is for others to refuse.
        syn::parse2(item.clone()).ok()
    }
}

/// Whether an attribute that only rewrites spawns could have something to do.
///
/// Every spawn that is recognised has `spawn` in its path, or in the import that gave it another name; and groups
/// without delimiters are for [`groups`](crate::input) to open.
pub fn may_change(item: &TokenStream) -> bool {
    // Without recursion: what is too deep to be read may still be left alone.
    let mut levels = vec![item.clone().into_iter()];
    while let Some(level) = levels.last_mut() {
        match level.next() {
            None => {
                levels.pop();
            }
            Some(TokenTree::Ident(ident)) if ident.to_string().contains("spawn") => return true,
            Some(TokenTree::Group(group)) => {
                if group.delimiter() == Delimiter::None {
                    return true;
                }
                levels.push(group.stream().into_iter());
            }
            Some(_) => {}
        }
    }
    false
}

impl Parse for Unread {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        input.call(Attribute::parse_outer)?;
        input.parse::<Visibility>()?;
        let signature = input.parse()?;
        let body: Group = input.parse()?;
        if body.delimiter() != Delimiter::Brace {
            return Err(syn::Error::new(body.span(), "expected a body"));
        }
        Ok(Self(signature))
    }
}

/// A `const`, `extern` or variadic function cannot be changed: each is refused at its own token.
pub fn check(diag: &mut Diagnostics, attribute: &str, signature: &Signature) {
    if let Some(token) = &signature.constness {
        diag.push(
            token.span,
            format_args!(
                "a `const fn` cannot spawn or catch: `#[{attribute}]` has no meaning here"
            ),
        );
    }
    if let Some(abi) = &signature.abi {
        diag.push(
            abi.extern_token.span,
            format_args!(
                "`#[{attribute}]` cannot stand on an `extern` function; put it on the Rust function that this one calls"
            ),
        );
    }
    if let Some(variadic) = &signature.variadic {
        diag.push(
            variadic.dots.spans[0],
            format_args!("`#[{attribute}]` cannot stand on a variadic function"),
        );
    }
}

/// Functions that a whole `impl` or `mod` leaves alone: a recovered test would turn green, and the others cannot change.
pub fn is_left_alone(attrs: &[Attribute], signature: &Signature) -> bool {
    signature.constness.is_some()
        || signature.abi.is_some()
        || signature.variadic.is_some()
        || attrs.iter().any(is_test)
}

/// `#[cfg(test)]`, also within `all(…)`.
pub fn is_cfg_test(attr: &Attribute) -> bool {
    fn mentions_test(tokens: TokenStream) -> bool {
        tokens.into_iter().any(|token| match token {
            proc_macro2::TokenTree::Ident(ident) => ident == "test",
            proc_macro2::TokenTree::Group(group) => mentions_test(group.stream()),
            _ => false,
        })
    }
    let syn::Meta::List(list) = &attr.meta else {
        return false;
    };
    let negated = list.tokens.clone().into_iter().next().is_some_and(
        |first| matches!(first, proc_macro2::TokenTree::Ident(ident) if ident == "not"),
    );
    list.path.is_ident("cfg") && !negated && mentions_test(list.tokens.clone())
}

/// `#[test]`, `#[tokio::test]`, `#[rstest]` and their like.
pub fn is_test(attr: &Attribute) -> bool {
    attr.path().segments.last().is_some_and(|last| {
        [
            "test",
            "bench",
            "rstest",
            "test_case",
            "test_matrix",
            "quickcheck",
            "proptest",
            "should_panic",
            "wasm_bindgen_test",
            "sqlx_test",
            "gpui_test",
        ]
        .iter()
        .any(|name| last.ident == name)
    }) || is_cfg_test(attr)
}

/// The place of another attribute of ours among these.
pub fn position_of(attrs: &[Attribute], names: &[&str]) -> Option<usize> {
    attrs.iter().position(|attr| {
        attr.path()
            .segments
            .last()
            .is_some_and(|last| names.iter().any(|name| last.ident == name))
    })
}

#[cfg(test)]
mod tests {
    use proc_macro2::{Delimiter, Group, TokenTree};
    use quote::quote;

    use super::Unread;

    #[test]
    fn a_body_without_spawns_is_not_read() {
        for item in [
            quote!(
                fn f() {}
            ),
            quote!(#[doc = "spawn"] pub async unsafe fn f<T>(x: T) -> T where T: Send { not Rust }),
            quote!(
                const fn f() {}
            ),
        ] {
            assert!(Unread::of(&item).is_some(), "{item}");
        }
    }

    #[test]
    fn what_may_change_is_read() {
        let fragment = TokenTree::Group(Group::new(Delimiter::None, quote!(1 + 2)));
        for item in [
            quote!(
                fn f() {
                    tokio::spawn(g());
                }
            ),
            quote!(
                fn f() {
                    if a {
                        [set.spawn_on(g(), h)];
                    }
                }
            ),
            quote!(
                fn f() {
                    use tokio::spawn as go;
                    go(g());
                }
            ),
            quote!(
                fn f() {
                    r#spawn(g());
                }
            ),
            quote!(fn f() { 3 * #fragment }),
            quote!(
                fn f();
            ),
            quote!(
                fn f() {}
                fn g() {}
            ),
            quote!(
                struct S {}
            ),
            quote!(impl S {}),
        ] {
            assert!(Unread::of(&item).is_none(), "{item}");
        }
    }
}
