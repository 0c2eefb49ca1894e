//! Invisible groups made visible.
//!
//! A fragment of a `macro_rules!` macro reaches an attribute as a group without delimiters. rustc ignores such groups
//! in what an attribute emits ([rust#67062](https://github.com/rust-lang/rust/issues/67062)), so that `$a * $b` with
//! `1 + 2` for `$a` would become `1 + 2 * $b`. Parentheses say the same and stay.

pub mod depth;

use proc_macro2::{Delimiter, Group, Punct, Spacing, Span, TokenStream, TokenTree};
use syn::token::Paren;
use syn::visit_mut::{self, VisitMut};
use syn::{Expr, ExprParen, Macro, Type, TypeParen};

use crate::spans::located;

/// Puts parentheses where a group without delimiters binds otherwise than its tokens; remembers whether there was one.
#[derive(Default)]
pub struct Open(pub bool);

impl VisitMut for Open {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        visit_mut::visit_expr_mut(self, expr);
        if let Expr::Group(group) = expr
            && binds_loosely(&group.expr)
        {
            self.0 = true;
            *expr = Expr::Paren(ExprParen {
                attrs: std::mem::take(&mut group.attrs),
                paren_token: Paren(located(group.group_token.span)),
                expr: Box::new(std::mem::replace(
                    &mut *group.expr,
                    Expr::Verbatim(TokenStream::new()),
                )),
            });
        }
    }

    fn visit_macro_mut(&mut self, mac: &mut Macro) {
        // What only shows its input shows it as it is.
        if mac
            .path
            .segments
            .last()
            .is_none_or(|last| last.ident != "stringify")
            && let Some(tokens) = enclosed(&mac.tokens)
        {
            self.0 = true;
            mac.tokens = tokens;
        }
    }

    fn visit_type_mut(&mut self, ty: &mut Type) {
        visit_mut::visit_type_mut(self, ty);
        if let Type::Group(group) = ty
            && let Type::TraitObject(_) | Type::ImplTrait(_) = &*group.elem
        {
            self.0 = true;
            *ty = Type::Paren(TypeParen {
                attrs: Vec::new(),
                paren_token: Paren(located(group.group_token.span)),
                elem: Box::new((*group.elem).clone()),
            });
        }
    }
}

/// Whether an operator beside an expression could take a part of it. A statement that is a fragment stays as it is.
fn binds_loosely(expr: &Expr) -> bool {
    matches!(
        expr,
        Expr::Binary(_)
            | Expr::Cast(_)
            | Expr::Closure(_)
            | Expr::Range(_)
            | Expr::RawAddr(_)
            | Expr::Reference(_)
            | Expr::Unary(_)
    )
}

/// The input of a macro with parentheses in place of groups that an operator beside them could tear apart.
fn enclosed(tokens: &TokenStream) -> Option<TokenStream> {
    let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let mut changed = false;
    let mut done = Vec::with_capacity(tokens.len());
    for (index, token) in tokens.iter().enumerate() {
        let TokenTree::Group(group) = token else {
            done.push(token.clone());
            continue;
        };
        let inner = enclosed(&group.stream());
        let torn = group.delimiter() == Delimiter::None
            && (binds_before(&tokens[..index]) || binds_after(&tokens[index + 1..]))
            && syn::parse2::<Expr>(group.stream()).is_ok_and(|expr| binds_loosely(&expr));
        if inner.is_none() && !torn {
            done.push(token.clone());
            continue;
        }
        changed = true;
        let delimiter = if torn {
            Delimiter::Parenthesis
        } else {
            group.delimiter()
        };
        done.push(regrouped(
            group,
            delimiter,
            inner.unwrap_or_else(|| group.stream()),
        ));
    }
    changed.then(|| done.into_iter().collect())
}

fn regrouped(like: &Group, delimiter: Delimiter, tokens: TokenStream) -> TokenTree {
    let mut group = Group::new(delimiter, tokens);
    group.set_span(like.span());
    TokenTree::Group(group)
}

fn binds_before(tokens: &[TokenTree]) -> bool {
    match tokens {
        [.., TokenTree::Punct(first), TokenTree::Punct(last)]
            if first.spacing() == Spacing::Joint && "=>".contains(last.as_char()) =>
        {
            // `=>` and `->` bind nothing.
            last.as_char() == '=' || !"=-".contains(first.as_char())
        }
        [.., TokenTree::Punct(last)] => "+-*/%^&|<>!.".contains(last.as_char()),
        _ => false,
    }
}

fn binds_after(tokens: &[TokenTree]) -> bool {
    match tokens {
        [TokenTree::Punct(first), TokenTree::Punct(second), ..] if first.as_char() == '=' => {
            second.as_char() == '='
        }
        [TokenTree::Punct(first), ..] => "+-*/%^&|<>!.?".contains(first.as_char()),
        [TokenTree::Ident(word), ..] => word == "as",
        [TokenTree::Group(group), ..] => {
            matches!(
                group.delimiter(),
                Delimiter::Parenthesis | Delimiter::Bracket
            )
        }
        _ => false,
    }
}

/// Opens the groups that are statements: syn asks for a semicolon behind a group, though it be a block or an `if`.
pub fn statements(tokens: TokenStream) -> TokenStream {
    opened(&tokens, false).unwrap_or(tokens)
}

fn opened(tokens: &TokenStream, in_braces: bool) -> Option<TokenStream> {
    let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let mut changed = false;
    let mut begins = in_braces;
    let mut done = TokenStream::new();
    for (index, token) in tokens.iter().enumerate() {
        let TokenTree::Group(group) = token else {
            begins =
                in_braces && matches!(token, TokenTree::Punct(punct) if punct.as_char() == ';');
            done.extend([token.clone()]);
            continue;
        };
        let braces = group.delimiter() == Delimiter::Brace;
        let inner = opened(&group.stream(), braces);
        changed |= inner.is_some();
        let stream = inner.clone().unwrap_or_else(|| group.stream());
        if begins
            && group.delimiter() == Delimiter::None
            && is_unended(&stream, &tokens[index + 1..])
        {
            changed = true;
            done.extend(stream);
            done.extend([semicolon(group.span())]);
        } else if begins
            && group.delimiter() == Delimiter::None
            && is_block_like(&stream)
            && ends_statement(&tokens[index + 1..])
        {
            changed = true;
            done.extend(stream);
        } else {
            done.extend([match inner {
                Some(inner) => regrouped(group, group.delimiter(), inner),
                None => token.clone(),
            }]);
            begins = in_braces && braces;
        }
    }
    changed.then_some(done)
}

/// Whether this is a statement of which a `$s:stmt` has no semicolon, and rustc asks for none: a `let`, or a macro that
/// another statement follows.
fn is_unended(tokens: &TokenStream, next: &[TokenTree]) -> bool {
    let begins = |tokens: &[TokenTree]| match tokens.first() {
        Some(TokenTree::Ident(word)) => word != "as" && word != "else",
        Some(TokenTree::Group(group)) => group.delimiter() == Delimiter::None,
        _ => false,
    };
    let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
    match &*tokens {
        [TokenTree::Group(group)] if group.delimiter() == Delimiter::None => {
            is_unended(&group.stream(), next)
        }
        [TokenTree::Ident(word), ..] if word == "let" => !matches!(
            next.first(),
            Some(TokenTree::Punct(punct)) if punct.as_char() == ';'
        ),
        [path @ .., TokenTree::Punct(bang), TokenTree::Group(_)] if bang.as_char() == '!' => {
            let is_path = |token: &TokenTree| match token {
                TokenTree::Ident(_) => true,
                TokenTree::Punct(punct) => punct.as_char() == ':',
                _ => false,
            };
            !path.is_empty() && path.iter().all(is_path) && begins(next)
        }
        _ => false,
    }
}

fn semicolon(span: Span) -> TokenTree {
    let mut semicolon = Punct::new(';', Spacing::Alone);
    semicolon.set_span(span);
    TokenTree::Punct(semicolon)
}

/// Whether an expression like this is a statement without a semicolon.
fn is_block_like(tokens: &TokenStream) -> bool {
    match tokens.clone().into_iter().next() {
        Some(TokenTree::Group(group)) => match group.delimiter() {
            Delimiter::Brace => true,
            Delimiter::None => is_block_like(&group.stream()),
            _ => false,
        },
        Some(TokenTree::Ident(word)) => ["if", "match", "loop", "while", "for", "unsafe"]
            .iter()
            .any(|keyword| word == keyword),
        _ => false,
    }
}

/// Whether nothing follows that would go on with the expression.
fn ends_statement(tokens: &[TokenTree]) -> bool {
    match tokens.first() {
        None | Some(TokenTree::Ident(_) | TokenTree::Literal(_)) => {
            !matches!(tokens.first(), Some(TokenTree::Ident(word)) if word == "as")
        }
        Some(TokenTree::Punct(punct)) => ";#'!:".contains(punct.as_char()),
        Some(TokenTree::Group(group)) => {
            matches!(group.delimiter(), Delimiter::Brace | Delimiter::None)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::{ToTokens, quote};
    use syn::ImplItemFn;

    fn invisible(tokens: TokenStream) -> Group {
        Group::new(Delimiter::None, tokens)
    }

    #[test]
    fn a_fragment_keeps_its_precedence() {
        let (sum, name) = (invisible(quote!(1 + 2)), invisible(quote!(a)));
        let mut function: ImplItemFn = syn::parse_quote!(fn f() -> u8 { #sum * #name });
        let mut open = Open::default();
        open.visit_impl_item_fn_mut(&mut function);
        assert!(open.0);
        let text = function.block.to_token_stream().to_string();
        assert!(text.starts_with("{ (1 + 2) *"), "{text}");
        let mut open = Open::default();
        open.visit_impl_item_fn_mut(&mut syn::parse_quote!(fn f() -> u8 { #name * 2 }));
        assert!(!open.0);
    }

    #[test]
    fn so_it_does_in_the_input_of_a_macro() {
        let (sum, one) = (invisible(quote!(1 + 2)), invisible(quote!(1)));
        let opened = |tokens: TokenStream| {
            let mut block: syn::Block = syn::parse2(tokens).unwrap();
            Open::default().visit_block_mut(&mut block);
            block.to_token_stream().to_string()
        };
        assert_eq!(
            opened(quote!({ f!(#sum * 3) })),
            quote!({ f!((1 + 2) * 3) }).to_string()
        );
        assert_eq!(
            opened(quote!({ f!([#sum as u8]) })),
            quote!({ f!([(1 + 2) as u8]) }).to_string()
        );
        assert_eq!(
            opened(quote!({ f!(x == #sum) })),
            quote!({ f!(x == (1 + 2)) }).to_string()
        );
        for same in [
            quote!({ f!(#sum, y = #sum, x => #sum, #sum => 1) }),
            quote!({ f!(#one * #one) }),
            quote!({ stringify!(#sum * 3) }),
        ] {
            assert_eq!(opened(same.clone()), same.to_string());
        }
    }

    #[test]
    fn a_block_that_is_a_fragment_is_a_statement() {
        let (block, branch) = (
            invisible(quote!({ a() })),
            invisible(quote!(if x {
                b()
            })),
        );
        let text = statements(quote!({ #block #branch c() })).to_string();
        assert_eq!(
            text,
            quote!({
                {
                    a()
                }
                if x {
                    b()
                }
                c()
            })
            .to_string()
        );
        let (bound, printed) = (
            invisible(quote!(let k = 4)),
            invisible(quote!(print!("{k}"))),
        );
        let text = statements(quote!({ #bound #printed #bound; #printed; #printed })).to_string();
        assert_eq!(
            text,
            quote!({ let k = 4; print!("{k}"); #bound; #printed; #printed }).to_string()
        );
        for same in [
            quote!({ #printed.len() }),
            quote!({ #printed + 1 }),
            quote!({ #block + 1 }),
            quote!({ x = #block }),
            quote!(f(#block #branch)),
        ] {
            assert_eq!(statements(same.clone()).to_string(), same.to_string());
        }
    }
}
