//! Lints say of an annotated function what they say of the bare one.
//!
//! What remains: of a lifted function clippy does not see that its future gives a `Result` (`missing_errors_doc`), and of a
//! plain one, whose body is a closure, how it uses its parameters (`needless_pass_by_value`, `ptr_arg`). A fault that the
//! annotation mends is none any more (`missing_const_for_fn`, `unnecessary_wraps`). An `#[expect(…)]` on a function is about
//! the function as written, so that one is never lifted.

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::visit::{self, Visit};
use syn::{ExprAsync, ExprAwait, ImplItemFn, Item, Macro, Visibility};

use crate::spans::located;

/// Macros of which no input awaits anything, if it does not say so.
const PLAIN: [&str; 20] = [
    "assert",
    "assert_eq",
    "assert_ne",
    "concat",
    "dbg",
    "debug_assert",
    "debug_assert_eq",
    "env",
    "eprint",
    "eprintln",
    "format",
    "matches",
    "panic",
    "print",
    "println",
    "todo",
    "unreachable",
    "vec",
    "write",
    "writeln",
];

/// Tokens of which the first and the last have the macro's hygiene, and with them the whole: lints leave a type alone that
/// the user wrote once and the expansion repeats.
pub fn framed(tokens: TokenStream) -> TokenStream {
    let mut tokens: Vec<_> = tokens.into_iter().collect();
    let last = tokens.len().saturating_sub(1);
    for at in [0, last] {
        if let Some(token) = tokens.get_mut(at) {
            token.set_span(located(token.span()));
        }
    }
    tokens.into_iter().collect()
}

/// A function in which clippy finds an `async` without an `.await`, where it would find it in this one.
///
/// What stands around a body awaits it, or is no `async fn`, so `clippy::unused_async` no longer sees the fault. It is
/// not sought in functions that may be of a trait, which says that they are `async`: these have no visibility.
///
/// ```text
/// Input:  pub async fn f(a: A) -> R { body }
/// Output: #[cfg(clippy)] const _: () = { async fn f() {} };
/// ```
pub fn unawaited(function: &ImplItemFn) -> Option<TokenStream> {
    let asyncness = function.sig.asyncness.as_ref()?;
    let is_named = |tokens: TokenStream| tokens.to_string().contains("unused_async");
    let is_sought = !matches!(function.vis, Visibility::Inherited)
        || function
            .attrs
            .iter()
            .any(|it| is_named(it.to_token_stream()));
    let mut awaits = Awaits(false);
    awaits.visit_block(&function.block);
    if awaits.0 || !is_sought {
        return None;
    }
    let (at, ident) = (asyncness.span, &function.sig.ident);
    let allow = located(at);
    let head = quote_spanned!(allow=>
        #[allow(
            dead_code,
            clippy::empty_line_after_outer_attr,
            clippy::missing_docs_in_private_items,
            clippy::missing_inline_in_public_items,
            clippy::missing_const_for_fn,
            clippy::min_ident_chars,
            clippy::same_name_method
        )]
    );
    let unawaited = quote_spanned!(at=> #head async fn #ident() {});
    // In a block of its own: a parameter may have the name of the function.
    Some(quote_spanned!(allow=> #[cfg(clippy)] const _: () = { #unawaited };))
}

/// Whether a body awaits anything, as far as tokens tell.
struct Awaits(bool);

impl<'ast> Visit<'ast> for Awaits {
    fn visit_expr_await(&mut self, _: &'ast ExprAwait) {
        self.0 = true;
    }

    fn visit_expr_async(&mut self, _: &'ast ExprAsync) {}

    fn visit_item(&mut self, _: &'ast Item) {}

    fn visit_macro(&mut self, mac: &'ast Macro) {
        let is_plain = mac
            .path
            .segments
            .last()
            .is_some_and(|last| PLAIN.iter().any(|name| last.ident == name));
        self.0 |= !is_plain || says_await(mac.tokens.clone());
        visit::visit_macro(self, mac);
    }
}

fn says_await(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == "await",
        TokenTree::Group(group) => says_await(group.stream()),
        _ => false,
    })
}
